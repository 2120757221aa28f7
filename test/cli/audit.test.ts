import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openedGrant } from '../http/story.ts';
import { type CliWorld, startCliWorld } from './harness.ts';

let world: CliWorld;
let opened: Awaited<ReturnType<typeof openedGrant>>;
const folder = mkdtempSync(join(tmpdir(), 'countersign-audit-'));
const taken = join(folder, 'export');

/** Who may read the log in the tests' policy. */
const reader = 'ada';

beforeAll(async () => {
  world = await startCliWorld();
  opened = await openedGrant(world);
  const { code, stderr } = await world.runCli(reader, ['log', 'export', '--out', taken]);
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

test('audit explain tells in a sentence why a session was legitimate, and then each decision', async () => {
  for (const named of [opened.session.session, opened.grant, opened.request]) {
    const { code, stdout } = await world.runCli(reader, ['audit', 'explain', named, taken]);
    expect(code).toBe(0);
    const [summary, , ...decisions] = stdout.trimEnd().split('\n');
    expect(summary).toMatch(
      /^✓ The session s-\w+ was legitimate: p-\w+ asked for repair on \S+ for 1800 s with the factor f-\w+ \(#\d+\); its ticket of .*; by the broker's word for .*\.$/,
    );
    expect(decisions.length).toBeGreaterThan(6);
    for (const line of decisions) expect(line).toMatch(/^✓ #\d+ {2}\d{4}-\S+Z {2}\S.*$/);
  }
});

test('audit explain --json holds the verdict of each decision', async () => {
  const { stdout } = await world.runCli(reader, ['--json', 'audit', 'explain', opened.grant, taken]);
  const explanation = JSON.parse(stdout);
  expect(explanation).toMatchObject({ verdict: 'attested', entry: expect.any(Number) });
  const verdicts = explanation.decisions.map(
    ({ kind, verdict }: { kind: string; verdict: string }) => `${kind} ${verdict}`,
  );
  expect(verdicts).toEqual(
    expect.arrayContaining(['submit attested', 'review attested', 'approve conformant', 'open attested']),
  );
});

test('any other entry is explained by its number', async () => {
  const { code, stdout } = await world.runCli(reader, ['audit', 'explain', '#0', taken]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✓ Entry #0 was legitimate\.\n/);
});

test('what is no entry of the log is refused with what to name', async () => {
  const beyond = await world.runCli(reader, ['audit', 'explain', '999999', taken]);
  expect(beyond.code).toBe(2);
  expect(beyond.stderr).toMatch(/The log has \d+ entries/);
  const nonsense = await world.runCli(reader, ['audit', 'explain', 'yesterday', taken]);
  expect(nonsense.code).toBe(2);
  expect(nonsense.stderr).toContain('Name an entry (41 or #41)');
  const unknown = await world.runCli(reader, ['audit', 'explain', `g-${'0'.repeat(26)}`, taken]);
  expect(unknown.code).toBe(1);
  const nowhere = await world.runCli(reader, ['audit', 'explain', '1']);
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toContain('countersign log export --out DIR');
});
