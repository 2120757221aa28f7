import { describe, expect, test } from 'vitest';
import { ordersPolicy } from '../orders-policy.ts';
import { auditedPolicy } from './audited-policy.ts';
import type { Story } from './build-log.ts';
import { cachedMarks, flowStories, HOUR_MS, parameters } from './flow-stories.ts';
import { judgeStory } from './judge-story.ts';
import { enrolPasskey, reviewSigned, signInAlone } from './passkey-story.ts';
import { newcomer } from './tamperings.ts';

const stories: readonly (readonly [string, (story: Story) => void])[] = [
  ['only the beginning and a first policy', () => {}],
  [
    'a review signed with a passkey that counts',
    (s) => {
      const held = enrolPasskey(s, s.people.tomas, { counts: true });
      const request = s.submit(s.people.maya, 'operator');
      reviewSigned(s, s.people.tomas, request, held, { counter: 1 });
      s.opened(request, s.open(request));
    },
  ],
  [
    'an emergency of somebody whom a passkey alone let in, ten times within an hour and once more after it',
    (s) => {
      const { maya } = s.people;
      const held = enrolPasskey(s, maya, { counts: true });
      const claimsAgeMs = 2 * HOUR_MS;
      for (let counter = 1; counter <= 10; counter++) signInAlone(s, maya, held, { counter, claimsAgeMs });
      s.wait(HOUR_MS);
      signInAlone(s, maya, held, { counter: 11, claimsAgeMs: 24 * HOUR_MS });
      maya.claimsAgeMs = claimsAgeMs;
      const emergency = s.submit(maya, 'shard', { parameters, breakGlass: true, marks: cachedMarks });
      s.opened(emergency, s.open(emergency));
      s.endGrant(maya, emergency);
    },
  ],
  [
    'an everyday request, reviewed, opened and run out',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.review(s.people.tomas, request);
      s.opened(request, s.open(request));
      s.expireGrant(request);
    },
  ],
  [
    'a request in two stages inside a change window',
    (s) => {
      const request = s.submit(s.people.maya, 'repair');
      s.review(s.people.lea, request);
      s.review(s.people.sid, request);
      s.opened(request, s.open(request));
    },
  ],
  [
    'a review that narrows scope and duration',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.review(s.people.tomas, request, { scope: request.scope.slice(0, 1), seconds: 900 });
      s.opened(request, s.open(request));
    },
  ],
  [
    'an emergency that is reviewed the next morning',
    (s) => {
      const request = s.submit(s.people.maya, 'operator', { breakGlass: true });
      s.opened(request, s.open(request));
      s.expireGrant(request);
      s.wait(3_600_000);
      s.reviewBreakGlass(s.people.sid, request);
      s.submit(s.people.maya, 'operator', { breakGlass: true, incident: 'incident-2' });
    },
  ],
  [
    'a second emergency of the same incident while the first is overdue',
    (s) => {
      s.submit(s.people.maya, 'operator', { breakGlass: true });
      s.wait(100_000_000);
      s.submit(s.people.maya, 'operator', { breakGlass: true });
    },
  ],
  [
    'an emergency whose review somebody else confirms later',
    (s) => {
      const request = s.submit(s.people.maya, 'operator', { breakGlass: true });
      s.reviewBreakGlass(s.people.sid, request);
      const ada = s.person('ada', ['security']);
      s.enrol(ada, { means: 'enrolment-code', code: s.vouch(s.people.ann, ada), voucher: s.people.ann.id });
      s.reviewBreakGlass(ada, request);
    },
  ],
  [
    'somebody who signs out while the cloud answers',
    (s) => {
      const request = s.submit(s.people.maya, 'look');
      const session = s.open(request);
      const by = s.actor(s.people.maya);
      s.signOut(s.people.maya);
      s.wait(120_000);
      s.opened(request, session, {}, undefined, by);
    },
  ],
  [
    'a workload that asks and a human who reviews',
    (s) => {
      const request = s.submit(s.people.pipe, 'deploys');
      // Somebody without another login, of whom nobody can say whether it answers for the workload.
      s.review(newcomer(s, 'sam', ['security']), request);
      s.opened(request, s.open(request));
    },
  ],
  [
    'a workload’s request that is denied by whoever answered for it until the policy changed',
    (s) => {
      const { deploy } = auditedPolicy.workloads;
      if (deploy === undefined) throw new Error('the policy of the stories has changed');
      const request = s.submit(s.people.pipe, 'deploys');
      s.publish({ ...auditedPolicy, workloads: { deploy: { ...deploy, sponsor: 'admins' } } });
      s.review(newcomer(s, 'both', ['leads', 'security']), request, { verdict: 'deny' });
    },
  ],
  [
    'a request without ticket and review',
    (s) => {
      const request = s.submit(s.people.maya, 'look');
      s.opened(request, s.open(request));
      s.endGrant(s.people.maya, request);
      s.confirmRevoked(request);
    },
  ],
  [
    'a short session of AWS whose policy ends with the grant',
    (s) => {
      const request = s.submit(s.people.maya, 'failover', { seconds: 600 });
      s.review(s.people.lea, request);
      s.opened(request, s.open(request));
      s.wait(300_000);
      s.opened(request, s.open(request));
    },
  ],
  [
    'a revocation by a reviewer',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.review(s.people.tomas, request);
      s.opened(request, s.open(request));
      s.revoke(s.people.tomas, request, 'reviewer');
      s.confirmRevoked(request);
    },
  ],
  [
    'revocations by the owner of the zone and by an administrator',
    (s) => {
      const first = s.submit(s.people.maya, 'look');
      s.revoke(s.people.lea, first, 'zone-owner');
      const second = s.submit(s.people.maya, 'look');
      s.revoke(s.people.ann, second, 'administrator');
    },
  ],
  [
    'an opening that failed for certain, and another an hour later that starts the clock',
    (s) => {
      const request = s.submit(s.people.maya, 'look', { seconds: 600 });
      s.failed(request, s.open(request), true);
      s.wait(1_800_000);
      s.opened(request, s.open(request, { fresh: true }));
    },
  ],
  [
    'an opening without an answer that turns out to be open',
    (s) => {
      const request = s.submit(s.people.maya, 'look');
      const session = s.open(request);
      s.failed(request, session, false);
      s.opened(request, session);
    },
  ],
  [
    'a denial, a withdrawal and a request that nobody decided',
    (s) => {
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), { verdict: 'deny' });
      s.withdraw(s.people.maya, s.submit(s.people.maya, 'operator'));
      s.expireRequest(s.submit(s.people.maya, 'operator'));
    },
  ],
  [
    'a second factor, the first removed, then recovery and a review two days later',
    (s) => {
      const { tomas } = s.people;
      const old = tomas.factor;
      s.enrol(tomas, { means: 'factor' });
      s.removeFactor(tomas, old);
      s.enrol(tomas, { means: 'recovery-code' });
      s.vouchRecovery(s.people.ann, tomas);
      s.wait(2 * 86_400_000);
      s.review(tomas, s.submit(s.people.maya, 'operator'));
    },
  ],
  [
    'a second policy under which a new request is approved',
    (s) => {
      const { operator } = ordersPolicy.entitlements;
      if (operator === undefined) throw new Error('the story needs it');
      s.publish({ ...ordersPolicy, entitlements: { operator: { ...operator, at_most_seconds: 1800 } } });
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'));
    },
  ],
];

describe('an honest log is conformant', () => {
  test.each([...stories, ...flowStories])('%s', async (_, tell) => {
    const verdict = await judgeStory(tell);
    expect(verdict.faults).toEqual([]);
    expect(verdict.passed).toBe(true);
  });
});

test('a session whose outcome is not known yet is listed and no fault', async () => {
  const verdict = await judgeStory((s) => {
    s.open(s.submit(s.people.maya, 'look'));
  });
  expect(verdict.passed).toBe(true);
  expect(verdict.unsettled).toHaveLength(1);
});

test('an emergency that nobody reviewed in time is listed', async () => {
  const overdue: string[] = [];
  const verdict = await judgeStory((s) => {
    overdue.push(s.submit(s.people.maya, 'operator', { breakGlass: true }).id);
    s.wait(90_000_000);
    s.signIn(s.people.sid);
  });
  expect(verdict.overdue_reviews).toEqual(overdue);
});

test('what only the broker attests is counted', async () => {
  const verdict = await judgeStory((s) => {
    s.review(s.people.tomas, s.submit(s.people.maya, 'operator'));
  });
  // Ann and Bob enrol; Ann vouches for four who enrol; two sign the policy; then one request and one review.
  expect(verdict.attested).toMatchObject({ totp_proofs: 2 + 4 * 2 + 2 + 2, ticket_checks: 2 });
});

test('a policy that did not come along is not checkable and never a pass', async () => {
  const verdict = await judgeStory((s) => {
    s.attachments.clear();
    s.review(s.people.tomas, s.submit(s.people.maya, 'operator'));
  });
  expect(verdict.faults).toEqual([]);
  expect(verdict.passed).toBe('not-reached');
  expect(verdict.not_checkable[0]?.why).toContain('missing');
});

test('nor can it be told whether it names whom a passkey alone let in', async () => {
  const verdict = await judgeStory((s) => {
    signInAlone(s, s.people.tomas, enrolPasskey(s, s.people.tomas));
    s.attachments.clear();
  });
  expect(verdict.faults).toEqual([]);
  expect(verdict.passed).toBe('not-reached');
  expect(verdict.decisions['sign-in']).toMatchObject({ 'not-checkable': 1, 'at-fault': 0 });
});

test('erased texts are counted, and take nothing from the verdict', async () => {
  const verdict = await judgeStory((s) => {
    s.submit(s.people.maya, 'operator');
    s.erase(s.writer.size() - 1, ['justification', 'ticket']);
  });
  expect(verdict).toMatchObject({ passed: true, faults: [], erased_texts: 2 });
});

test('a log without entries is no pass', async () => {
  expect((await judgeStory(() => {}, { begun: false })).passed).toBe('not-reached');
});
