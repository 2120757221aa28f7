import { expect, test } from 'vitest';
import { auditRulesVersion } from '../../src/audit/audit-rules.ts';
import type { Conformance } from '../../src/audit/conformance.ts';
import { type AuditReport, isFaultless, reportJson, reportText } from '../../src/audit/report.ts';
import { judgeStory } from './judge-story.ts';

const root = new Uint8Array(32).fill(1);

async function reportOn(
  conformant: Conformance | undefined,
  more: Partial<AuditReport> = {},
): Promise<AuditReport> {
  return {
    size: 20,
    intact: {
      verdict: 'intact',
      passed: true,
      checkpoint: { origin: 'log.example', size: 20, root },
      signedBy: 'log.example+00000000',
      fault: undefined,
      why: '',
    },
    complete: {
      verdict: 'complete',
      passed: true,
      coveredSize: 18,
      quorum: undefined,
      contradicts: undefined,
      why: '',
    },
    conformant,
    isSelfDeclared: false,
    ...more,
  };
}

const honest = () => judgeStory((s) => s.review(s.people.tomas, s.submit(s.people.maya, 'operator')));

test('a good log has three ticks, and says what nobody watched and what is only attested', async () => {
  const lines = reportText(await reportOn(await honest())).split('\n');
  expect(lines.slice(0, 3)).toEqual([
    'intact      ✓ chain, tree, signatures',
    'complete    ✓ first 18, by the kept checkpoint   ? #18 #19: nobody watched',
    'conformant  ✓ ticket, factor, reviewer, limit (TOTP: attested, not signed)',
  ]);
  expect(lines[3]).toMatch(/^ {12}by the broker's word: 14 codes, 2 ticket checks, /);
});

test('a report says how many texts were erased', async () => {
  const verdict = await judgeStory((s) => s.erase(1, ['label', 'reason']));
  expect(reportText(await reportOn(verdict))).toContain(
    'not checkable: what was erased (2 texts); no rule rests on it',
  );
});

test('a fault is named with its entry, its rule and why', async () => {
  const verdict = await judgeStory((s) => s.review(s.people.tomas, s.submit(s.people.tomas, 'operator')));
  const report = await reportOn(verdict);
  expect(reportText(report)).toMatch(
    /conformant {2}✗ entry #\d+: approver-is-not-requester: p-tomas\w+ asked for it\n/,
  );
  expect(isFaultless(report)).toBe(false);
});

test('a fault of a hostile log cannot steer a terminal', async () => {
  const verdict = await judgeStory((s) => {
    s.submit(s.people.maya, 'operator', { body: { entitlement: 'operator\u001b[2J\u202e' } });
  });
  const text = reportText(await reportOn(verdict)).replaceAll('\n', '');
  expect(text).toContain('entitlement-exists');
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('a rewritten log is intact, conformant and not complete', async () => {
  const why = 'The first 18 entries are not those for which the held checkpoint was signed.';
  const complete = {
    verdict: 'complete',
    passed: false,
    coveredSize: 0,
    quorum: undefined,
    contradicts: undefined,
    why,
  } as const;
  const report = await reportOn(await honest(), { complete });
  expect(reportText(report)).toContain(`complete    ✗ ${why}\n`);
  expect(isFaultless(report)).toBe(false);
});

test('a log that is not intact is not judged further', async () => {
  const intact = {
    verdict: 'intact',
    passed: false,
    checkpoint: undefined,
    signedBy: undefined,
    fault: { seq: 15, reason: 'wrong-prev' },
    why: 'w',
  } as const;
  const text = reportText(await reportOn(undefined, { intact }));
  expect(text).toContain('intact      ✗ entry #14: hash differs from the one that #15 was bound to\n');
  expect(text).toContain('conformant  ? not judged');
});

test('a missing attachment is a question mark', async () => {
  const verdict = await judgeStory((s) => s.attachments.clear());
  expect(reportText(await reportOn(verdict))).toMatch(
    /conformant {2}\? entry #\d+ cannot be checked: the attachment sha256:/,
  );
});

test('a policy that came with the export is shown as self-declared', async () => {
  const quorum = { required: true, reached: true, witnesses: ['w1'] };
  const complete = {
    verdict: 'complete',
    passed: true,
    coveredSize: 20,
    quorum,
    contradicts: undefined,
    why: '',
  } as const;
  const text = reportText(await reportOn(await honest(), { complete, isSelfDeclared: true }));
  expect(text).toContain('✓ all 20, by the witnesses w1 (self-declared)');
});

test('the machine form holds every verdict and survives JSON', async () => {
  const json = reportJson(await reportOn(await honest()));
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  expect(json).toMatchObject({
    intact: { passed: true, first_fault: null },
    complete: { passed: true, covered_size: 18 },
    conformant: { passed: true, fault_count: 0, rules_version: auditRulesVersion },
  });
});
