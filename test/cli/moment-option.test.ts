import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Ending } from '../../src/cli/ending.ts';
import { momentAsked } from '../../src/cli/requests/moment-option.ts';

const nowMs = Date.parse('2026-11-25T18:00:00.000Z');

test('a plus counts from now; with Z or an offset it is that very moment', () => {
  expect(momentAsked('+2h', nowMs)).toBe(nowMs + 7_200_000);
  expect(momentAsked('2026-12-01T22:00Z', nowMs)).toBe(Date.parse('2026-12-01T22:00:00Z'));
  expect(momentAsked('2026-12-01 22:00:30+01:00', nowMs)).toBe(Date.parse('2026-12-01T21:00:30Z'));
  expect(momentAsked('2026-12-01T22:00-03:30', nowMs)).toBe(Date.parse('2026-12-02T01:30:00Z'));
});

test('what is no moment is told, with how to write one', () => {
  for (const text of [
    '',
    'tomorrow',
    '+soon',
    '+-2h',
    '22:00',
    '2026-12-01',
    '2026-02-30T10:00Z',
    '2026-02-30T10:00',
    '2026-12-01T25:00',
    '2026-12-01T22:00+99:00',
    '2026-12-01T22:00 CET',
  ]) {
    expect(() => momentAsked(text, nowMs), text).toThrow(Ending);
    expect(() => momentAsked(text, nowMs), text).toThrow('The start is not clear');
  }
});

/** The machine's clock is a process's; each is asked in one of its own. */
function hereIn(zone: string, text: string): string {
  const script = `
    import { momentAsked } from ${JSON.stringify(new URL('../../src/cli/requests/moment-option.ts', import.meta.url).href)};
    try { console.log(new Date(momentAsked(${JSON.stringify(text)}, 0)).toISOString()); }
    catch (error) { console.log(error.message); }`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TZ: zone },
    encoding: 'utf8',
  });
  return ran.stdout.trim() || ran.stderr;
}

test('without an offset it is what the clock here shows; a time that is skipped, or shown twice, is not guessed', () => {
  expect(hereIn('Europe/Berlin', '2026-12-01T22:00')).toBe('2026-12-01T21:00:00.000Z');
  expect(hereIn('Asia/Kathmandu', '2026-12-01T22:00')).toBe('2026-12-01T16:15:00.000Z');
  expect(hereIn('Europe/Berlin', '2026-03-29T02:30')).toContain('there is no 2026-03-29T02:30');
  expect(hereIn('Europe/Berlin', '2026-10-25T02:30')).toContain('shows 2026-10-25T02:30 twice');
  expect(hereIn('Australia/Lord_Howe', '2026-04-05T01:45')).toContain('twice');
  expect(hereIn('Europe/Berlin', '2026-10-25T02:30+02:00')).toBe('2026-10-25T00:30:00.000Z');
});
