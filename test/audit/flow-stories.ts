import type { Story } from './build-log.ts';
import { newcomer } from './tamperings.ts';

export const HOUR_MS = 3_600_000;
export const parameters = { shard: 'eu-7' };

/** One shard's access, signed off by a lead. */
export const sharded = (s: Story) => {
  const request = s.submit(s.people.maya, 'shard', { parameters });
  s.review(s.people.lea, request);
  return request;
};

export const shardRunning = (s: Story) => {
  const request = sharded(s);
  s.opened(request, s.open(request));
  return request;
};

/** A running grant, and the request that carries it on, signed off. */
export const extended = (s: Story) => {
  const first = shardRunning(s);
  const [grant] = first.grants;
  if (grant === undefined) throw new Error('it was approved');
  const next = s.submit(s.people.maya, 'shard', { parameters, extending: { request: first, grant } });
  s.review(s.people.lea, next);
  return { first, grant, next };
};

export const cachedMarks = ['ticket-unverified', 'membership-cached'] as const;

export const flowStories: readonly (readonly [string, (story: Story) => void])[] = [
  [
    'a request for three responders: one sign-off, a grant and a factor each',
    (s) => {
      const rosa = newcomer(s, 'rosa', ['responders']);
      const noor = newcomer(s, 'noor', ['responders']);
      const request = s.submit(s.people.maya, 'shard', { parameters, people: [s.people.maya, rosa, noor] });
      s.review(s.people.lea, request);
      for (const grant of request.grants) s.opened(request, s.open(request, { grant, fresh: true }));
      for (const grant of request.grants) s.expireGrant(request, false, { grant });
    },
  ],
  [
    'a request for two targets, of which one is ended early and one runs out',
    (s) => {
      const request = s.submit(s.people.maya, 'shard', { parameters, targets: ['orders-eu', 'orders-prod'] });
      s.review(s.people.lea, request);
      const [first, second] = request.grants;
      if (first === undefined || second === undefined) throw new Error('it was approved twice');
      s.opened(request, s.open(request, { grant: first }));
      s.endGrant(s.people.maya, request, { grant: first });
      s.confirmRevoked(request, 'introspection', { grant: first });
      s.endGrant(s.people.maya, request, { grant: second });
      s.confirmRevoked(request, 'never-opened', { grant: second });
    },
  ],
  [
    'a stage that waited a quarter of an hour and was decided by the group it escalates to',
    (s) => {
      const request = s.submit(s.people.maya, 'shard', { parameters });
      s.wait(900_000);
      s.review(s.people.sid, request, { right: 'escalation' });
      s.opened(request, s.open(request, { fresh: true }));
    },
  ],
  [
    'a review by a delegate',
    (s) => {
      const request = s.submit(s.people.maya, 'shard', { parameters });
      s.review(newcomer(s, 'dora', ['deputies']), request, { right: 'delegation' });
    },
  ],
  [
    'a request for tomorrow, signed off today',
    (s) => {
      const startMs = s.writer.clock.nowMs + 24 * HOUR_MS;
      const request = s.submit(s.people.maya, 'shard', { parameters, startMs });
      s.review(s.people.lea, request);
      s.wait(24 * HOUR_MS);
      s.opened(request, s.open(request, { fresh: true }));
      s.expireGrant(request);
    },
  ],
  [
    'an extension that begins at the old end',
    (s) => {
      const { first, grant, next } = extended(s);
      s.expireGrant(first);
      s.wait((grant.endsAtMs ?? 0) - s.writer.clock.nowMs);
      s.opened(next, s.open(next, { fresh: true }));
      s.expireGrant(next);
    },
  ],
  [
    'an extension that is cut off because what it carries on was revoked',
    (s) => {
      const { first, grant, next } = extended(s);
      s.revoke(s.people.lea, first, 'reviewer');
      s.cutOff(next, { cause: 'extended-grant-revoked', about: grant.id });
      s.confirmRevoked(first);
      s.confirmRevoked(next, 'never-opened');
    },
  ],
  [
    'a grant that ended with its ticket',
    (s) => {
      const request = shardRunning(s);
      s.cutOff(request, { cause: 'ticket-closed', about: null });
      s.confirmRevoked(request);
    },
  ],
  [
    'somebody who leaves, with a running grant and a pending request, and comes back',
    (s) => {
      const { maya, ann } = s.people;
      const running = shardRunning(s);
      const pending = s.submit(maya, 'shard', { parameters });
      s.recordLeaving(ann, maya);
      s.cutOff(running, { cause: 'person-left', about: maya.id });
      s.cancel(pending, maya);
      s.confirmRevoked(running);
      s.recordLeaving(ann, maya, false);
      s.signIn(maya);
      sharded(s);
    },
  ],
  [
    'factors reset by two administrators, and a new first one vouched for',
    (s) => {
      const { maya, ann, bob } = s.people;
      s.confirmReset(bob, maya, s.askReset(ann, maya), ann);
      s.signIn(maya);
      s.enrol(maya, { means: 'enrolment-code', code: s.vouch(ann, maya), voucher: ann.id });
      sharded(s);
    },
  ],
  [
    'a recovered factor that a colleague vouched for asks and opens the same day',
    (s) => {
      s.enrol(s.people.maya, { means: 'recovery-code' });
      s.vouchRecovery(s.people.lea, s.people.maya);
      shardRunning(s);
    },
  ],
  [
    'an emergency of somebody named while the identity provider was down for hours',
    (s) => {
      s.actor(s.people.maya);
      s.people.maya.claimsAgeMs = 10 * HOUR_MS;
      const how = { parameters, breakGlass: true, marks: cachedMarks };
      const request = s.submit(s.people.maya, 'shard', how);
      s.opened(request, s.open(request));
      s.reviewBreakGlass(s.people.sid, request);
    },
  ],
  [
    'refusals that were right, as far as the policy shows it',
    (s) => {
      const { maya, sid } = s.people;
      s.refuse(sid, { rule: 'requester-is-eligible', about: 'look', asked: s.askOf(sid, 'look') });
      s.refuse(maya, {
        rule: 'duration-is-within-limit',
        about: 'look',
        asked: s.askOf(maya, 'look', { seconds: 40_000 }),
      });
      s.refuse(maya, { rule: 'ticket-fits-the-rule', about: 'shard', asked: s.askOf(maya, 'shard') });
      s.refuse(maya, { rule: 'approver-is-not-requester', attempted: 'review', about: sharded(s).id });
    },
  ],
  [
    'a change opened by one, approved by another, then moved and approved anew; and four wrong codes',
    (s) => {
      const { tomas, lea, maya } = s.people;
      const asked = { creator: tomas.id, responders: [{ person: maya.id, named_by: tomas.id }] };
      s.writeTicket(tomas);
      s.writeTicket(lea, { ...asked, state: 'approved', approved_by: lea.id });
      s.writeTicket(tomas, { ...asked, window: { from_ms: 1, to_ms: 2 } });
      s.writeTicket(lea, { ...asked, state: 'approved', approved_by: lea.id });
      for (let count = 1; count <= 4; count++) s.giveWrongCode(maya, count);
      s.submit(maya, 'operator');
      s.wait(900_000);
      s.giveWrongCode(maya, 1);
    },
  ],
  [
    'somebody told, somebody not reached, and a start of the broker',
    (s) => {
      s.configure();
      s.notify(1);
      s.notify(1, { delivered: false, attempts: 3, failure: 'connection refused' });
    },
  ],
];
