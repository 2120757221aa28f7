import { describe, expect, test } from 'vitest';
import { auditConformance } from '../../src/audit/conformance.ts';
import { type Explanation, explain, explanationJson, explanationLines } from '../../src/audit/explain.ts';
import { gatherStory, threadOf } from '../../src/audit/story.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { verifySignature } from '../../src/platform/verify-signature.ts';
import { buildLog, type Story } from './build-log.ts';
import { extended, parameters, sharded, shardRunning } from './flow-stories.ts';
import { change } from './tamper.ts';
import { granted, newcomer, running } from './tamperings.ts';
import type { Written } from './write-log.ts';

/** Tells a story, and explains the newest entry of a type in it. */
async function explained(type: string, tell: (story: Story) => void): Promise<Explanation> {
  const written: Written[] = [];
  const story = buildLog((one) => written.push(one));
  story.begin();
  tell(story);
  const entries = written.map(({ entry }) => entry);
  const seq = entries.findLastIndex((entry) => entry.type === `countersign.${type}.v1`);
  const thread = threadOf(seq, entries.slice(Math.max(0, seq - 64), seq + 64));
  if (thread === undefined) throw new Error(`the story has no ${type}`);
  const { told, onJudged } = gatherStory(thread);
  const { attachments, origin } = story;
  const attachment = async (digest: string) => attachments.get(digest);
  await auditConformance({ verifySignature, hasher: nodeHasher, origin, entries, attachment, onJudged });
  const explanation = explain(seq, told);
  if (explanation === undefined) throw new Error('the entry is in its own story');
  return explanation;
}

test('a session is explained in a sentence: who asked, the ticket, who signed, the factor, until when, how it ended', async () => {
  const { summary, verdict } = await explained('session.opening', (s) => {
    const request = s.submit(s.people.maya, 'operator');
    s.review(s.people.tomas, request, { seconds: 900 });
    s.opened(request, s.open(request));
    s.endGrant(s.people.maya, request);
  });
  expect(verdict).toBe('attested');
  expect(summary).toMatch(
    /^The session s-\w+ was legitimate: p-maya\w+ asked for operator on orders-prod for 1800 s with the factor f-\w+ \(#\d+\); its ticket of register INC was open \(#\d+\); p-tomas\w+ \(leads, engineers\) approved it, narrowed to 900 s, stage 1, as the stage’s own, with the factor f-\w+ \(#\d+\); p-maya\w+ opened it with the factor f-\w+, to end by \S+ \(#\d+\); its holder ended it with \d+ s left \(#\d+\); by the broker's word for [a-z, ]+\.$/,
  );
});

test('each decision that it rests on is told with its verdict', async () => {
  const { decisions } = await explained('session.opened', (s) => void running(s));
  expect(decisions.map(({ kind, verdict }) => `${kind} ${verdict}`)).toEqual([
    'ticket attested',
    'code attested',
    'submit attested',
    'ticket attested',
    'review attested',
    'approve conformant',
    'ticket attested',
    'open attested',
    'settle attested',
  ]);
});

test('whichever entry of a request is asked about, its story is told', async () => {
  for (const type of [
    'request.submitted',
    'ticket.checked',
    'request.reviewed',
    'request.approved',
    'grant.expired',
  ]) {
    const { summary, decisions } = await explained(type, (s) => s.expireGrant(running(s)));
    expect(summary).toMatch(/was legitimate: p-maya\w+ asked for operator.*it ran out \(#\d+\)/);
    expect(decisions.map(({ kind }) => kind)).toContain('approve');
  }
});

test('of several responders only the one is told who is asked about', async () => {
  const { decisions } = await explained('session.opening', (s) => {
    const rosa = newcomer(s, 'rosa', ['responders']);
    const request = s.submit(s.people.maya, 'shard', { parameters, people: [s.people.maya, rosa] });
    s.review(s.people.lea, request);
    for (const grant of request.grants) s.opened(request, s.open(request, { grant, fresh: true }));
  });
  expect(decisions.filter(({ kind }) => kind === 'approve')).toHaveLength(1);
  expect(decisions.filter(({ kind }) => kind === 'open')).toHaveLength(1);
});

test('a session that rests on a forged review was not legitimate, and the rule is named', async () => {
  const explanation = await explained('session.opening', (s) => {
    const request = s.submit(s.people.maya, 'shard', { parameters });
    s.review(s.people.sid, request, { right: 'escalation' });
    s.open(request);
  });
  expect(explanation.verdict).toBe('at-fault');
  expect(explanation.summary).toMatch(
    /^The session s-\w+ was not legitimate: at #\d+, escalation-has-waited: it escalates \d+ ms later\.$/,
  );
  const lines = explanationLines(explanation);
  expect(lines.some((line) => line.includes('at fault by escalation-has-waited'))).toBe(true);
  expect(explanationJson(explanation)).toMatchObject({
    decisions: expect.arrayContaining([
      expect.objectContaining({
        kind: 'review',
        faults: [expect.objectContaining({ rule: 'escalation-has-waited', since: 2 })],
      }),
    ]),
  });
});

test('a session under a policy that did not come along cannot be judged', async () => {
  const { verdict, summary } = await explained('session.opening', (s) => {
    s.open(granted(s));
    s.attachments.clear();
  });
  expect(verdict).toBe('not-checkable');
  expect(summary).toMatch(
    /^The session s-\w+ cannot be judged: at #\d+, the policy in force, sha256:\w+, is missing\.$/,
  );
});

describe('every other entry has a sentence and a verdict', () => {
  const others: readonly (readonly [string, string, (story: Story) => void])[] = [
    ['policy.published', 'sign', () => {}],
    ['factor.enrolled', 'vouch', () => {}],
    ['person.left', 'leaving', (s) => s.recordLeaving(s.people.ann, s.people.lea)],
    [
      'factor.reset',
      'reset',
      (s) => s.confirmReset(s.people.bob, s.people.lea, s.askReset(s.people.ann, s.people.lea), s.people.ann),
    ],
    ['command.refused', 'refuse', (s) => s.refuse(s.people.maya, { rule: 'entitlement-exists' })],
    ['grant.cut-off', 'cut-off', (s) => s.cutOff(shardRunning(s), { cause: 'ticket-closed', about: null })],
    ['server.configured', 'configure', (s) => s.configure()],
  ];
  test.each(others)('%s', async (type, kind, tell) => {
    const { summary, verdict, decisions } = await explained(type, tell);
    expect(summary).toMatch(/was legitimate/);
    expect(verdict).toBe('attested');
    expect(decisions.map((told) => told.kind)).toContain(kind);
    for (const { sentence } of decisions) expect(sentence).toMatch(/\w.*\.$/);
  });
});

test('an extension’s story says how it ended', async () => {
  const { summary } = await explained('grant.cut-off', (s) => {
    const { first, grant, next } = extended(s);
    s.revoke(s.people.lea, first, 'reviewer');
    s.cutOff(next, { cause: 'extended-grant-revoked', about: grant.id });
  });
  expect(summary).toMatch(/it was cut off: extended-grant-revoked \(#\d+\)/);
});

test('nothing that a hostile log holds steers a terminal', async () => {
  const explanation = await explained('request.submitted', (s) => {
    const hostile = change('countersign.request.submitted.v1', (body) => ({
      ...body,
      entitlement: 'operator\u001b[2J\u202e',
    }));
    s.submit(s.people.maya, 'operator', { tamper: hostile });
  });
  const text = explanationLines(explanation).join('');
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('a request is explained by what led to its grants', async () => {
  const { decisions } = await explained('request.submitted', (s) => void sharded(s));
  expect(decisions.map(({ kind }) => kind)).toEqual([
    'ticket',
    'code',
    'submit',
    'ticket',
    'review',
    'approve',
  ]);
});
