import type { AuditRule } from '../../src/audit/audit-rules.ts';
import { draft } from '../../src/domain/draft.ts';
import type { Statement } from '../../src/domain/events.ts';
import { streams } from '../../src/domain/ids.ts';
import type { Story } from './build-log.ts';
import { change, otherDigest, without } from './tamper.ts';
import { granted, looser, running, type Tampering } from './tamperings.ts';
import type { Tamper } from './write-log.ts';

type Edit = (value: Statement) => Statement;
interface Carrier {
  readonly type: string;
  readonly sign: (story: Story, how: { statement?: Edit; tamper?: Tamper }) => void;
}

const emergency = (s: Story) => s.submit(s.people.maya, 'operator', { breakGlass: true });

/** What carries a statement beside a review: the same forgeries must be found on each. */
const carriers: readonly Carrier[] = [
  {
    type: 'policy.signed',
    sign: (s, how) => s.signPolicy(s.people.ann, s.propose(s.people.ann, looser()), { needs: 9, ...how }),
  },
  {
    type: 'request.reviewed',
    sign: (s, how) => s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), how),
  },
  { type: 'break-glass.reviewed', sign: (s, how) => s.reviewBreakGlass(s.people.sid, emergency(s), how) },
];

const signers = ({ people }: Story) => [people.sid, people.ann, people.tomas];

const nonce = 'the-same-nonce';
const forgeries: readonly (readonly [string, AuditRule, (story: Story, sign: Carrier['sign']) => void])[] = [
  [
    'a statement changed after it was signed',
    'statement-has-its-digest',
    (s, sign) => {
      const edited = (body: { readonly statement: Statement }) => ({
        ...body,
        statement: { ...body.statement, nonce },
      });
      const review = change('countersign.break-glass.reviewed.v1', edited);
      const policy = change('countersign.policy.signed.v1', edited);
      const request = change('countersign.request.reviewed.v1', edited);
      sign(s, { tamper: (drafts) => request(review(policy(drafts))) });
    },
  ],
  [
    'a nonce used twice',
    'statement-nonce-is-fresh',
    (s, sign) => {
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, nonce }),
      });
      sign(s, { statement: (value) => ({ ...value, nonce }) });
    },
  ],
  [
    'a statement that had expired',
    'statement-is-in-time',
    (s, sign) => sign(s, { statement: (value) => ({ ...value, expires_at_ms: 1 }) }),
  ],
  [
    'a statement made in another history',
    'statement-pins-the-log',
    (s, sign) => sign(s, { statement: (value) => ({ ...value, log: { ...value.log, root: 'another' } }) }),
  ],
  [
    'a signature without a code',
    'factor-is-proved',
    (s, sign) => sign(s, { tamper: without('countersign.factor.used.v1') }),
  ],
  [
    'a signature with a factor recovered that day',
    'recovered-factor-rests-a-day',
    (s, sign) => {
      for (const who of signers(s)) s.enrol(who, { means: 'recovery-code' });
      sign(s, {});
    },
  ],
  [
    'a signature with a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    (s, sign) => {
      for (const who of signers(s)) s.enrol(who, { means: 'recovery-code' });
      s.wait(2 * 86_400_000);
      sign(s, {});
    },
  ],
  [
    'a signature on groups that were told an hour before',
    'membership-is-fresh',
    (s, sign) => {
      for (const who of signers(s)) {
        s.actor(who);
        who.claimsAgeMs = 3_600_000;
      }
      sign(s, {});
    },
  ],
];

const facts = (edit: object): Tamper =>
  change('countersign.ticket.checked.v1', (body) => ({ ...body, facts: { ...body.facts, ...edit } }));

const others: readonly Tampering[] = [
  [
    'a policy proposed over one that is not in force',
    'proposal-is-current',
    'policy.proposed',
    (s) => {
      const elsewhere = change('countersign.policy.proposed.v1', (body) => ({
        ...body,
        from_digest: otherDigest,
      }));
      s.propose(s.people.ann, looser(), elsewhere);
    },
  ],
  [
    'another policy published than was proposed',
    'proposal-is-current',
    'policy.published',
    (s) => {
      const proposal = s.propose(s.people.ann, looser());
      s.signPolicy(s.people.ann, proposal);
      s.signPolicy(s.people.bob, proposal, {
        tamper: change('countersign.policy.published.v1', (body) => ({ ...body, to_digest: otherDigest })),
      });
    },
  ],
  [
    'a request taken back that was approved',
    'request-is-pending',
    'request.withdrawn',
    (s) => s.withdraw(s.people.maya, granted(s)),
  ],
  [
    'a request recorded as expired too early',
    'expiry-is-due',
    'request.expired',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      const body = { request: request.id, was_due_ms: s.writer.clock.nowMs };
      s.commit(s.broker, [
        draft('countersign.request.expired.v1', streams.request(request.id), request.id, body),
      ]);
    },
  ],
  [
    'a request recorded as expired that was approved',
    'request-is-pending',
    'request.expired',
    (s) => {
      const request = granted(s);
      const body = { request: request.id, was_due_ms: s.writer.clock.nowMs };
      s.commit(s.broker, [
        draft('countersign.request.expired.v1', streams.request(request.id), request.id, body),
      ]);
    },
  ],
  [
    'a grant from a request that was taken back',
    'request-is-pending',
    'request.approved',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.withdraw(s.people.maya, request);
      s.review(s.people.tomas, request);
    },
  ],
  [
    'a grant under a policy that is not in force',
    'policy-is-in-force',
    'request.approved',
    (s) => {
      const other = change('countersign.request.approved.v1', (body) => ({
        ...body,
        policy_digest: otherDigest,
      }));
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), { tamper: other });
    },
  ],
  [
    'a factor removed without a code',
    'factor-is-proved',
    'factor.removed',
    (s) => s.removeFactor(s.people.maya, s.people.maya.factor, without('countersign.factor.used.v1')),
  ],
  [
    'a session on the request’s code, of a factor that was removed since',
    'opening-is-proved',
    'session.opening',
    (s) => {
      const { maya, tomas } = s.people;
      const asked = s.submit(maya, 'operator');
      s.review(tomas, asked);
      const old = maya.factor;
      s.enrol(maya, { means: 'factor' });
      s.removeFactor(maya, old);
      s.open(asked);
    },
  ],
  [
    'a session renewed on the code of a factor that was removed since',
    'opening-is-proved',
    'session.opening',
    (s) => {
      const { maya, tomas } = s.people;
      const asked = s.submit(maya, 'operator');
      s.review(tomas, asked);
      s.opened(asked, s.open(asked));
      const old = maya.factor;
      s.enrol(maya, { means: 'factor' });
      s.removeFactor(maya, old);
      s.open(asked);
    },
  ],
  [
    'an emergency recorded that nobody asked for',
    'break-glass-is-recorded',
    'break-glass.used',
    (s) =>
      void s.submit(s.people.maya, 'operator', {
        breakGlass: true,
        tamper: without('countersign.request.submitted.v1'),
      }),
  ],
  [
    'an emergency reviewed that never was',
    'break-glass-is-recorded',
    'break-glass.reviewed',
    (s) => s.reviewBreakGlass(s.people.sid, s.submit(s.people.maya, 'operator')),
  ],
  [
    'a review of a request with a closed ticket',
    'ticket-fits-the-rule',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), { tamper: facts({ state: 'closed' }) }),
  ],
  [
    'a review with a ticket that only the requester stands behind',
    'ticket-has-another-voucher',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        tamper: facts({ vouched_by_another: false }),
      }),
  ],
  [
    'a session with a ticket that only the requester stands behind',
    'ticket-has-another-voucher',
    'session.opening',
    (s) => void s.open(granted(s), { tamper: facts({ vouched_by_another: false }) }),
  ],
  [
    'a session with a ticket looked at an hour before',
    'ticket-fits-the-rule',
    'session.opening',
    (s) => void s.open(granted(s), { tamper: facts({ fetched_at_ms: s.writer.clock.nowMs - 3_600_000 }) }),
  ],
  [
    'a session under a policy that is not in force',
    'policy-is-in-force',
    'session.opening',
    (s) => void s.open(granted(s), { body: { policy_digest: otherDigest } }),
  ],
  [
    'a grant revoked that had expired',
    'request-is-over',
    'grant.revoke-requested',
    (s) => {
      const request = running(s);
      s.expireGrant(request);
      s.revoke(s.people.tomas, request, 'reviewer');
    },
  ],
  [
    'a grant ended that was being revoked',
    'request-is-over',
    'grant.ended',
    (s) => {
      const request = running(s);
      s.revoke(s.people.tomas, request, 'reviewer');
      s.endGrant(s.people.maya, request);
    },
  ],
  [
    'a session said to have failed that is open',
    'outcome-follows-its-opening',
    'session.failed',
    (s) => {
      const request = granted(s);
      const session = s.open(request);
      s.opened(request, session);
      s.failed(request, session, true);
    },
  ],
];

export const furtherTamperings: readonly Tampering[] = [
  ...carriers.flatMap(({ type, sign }) =>
    forgeries.map(
      ([what, rule, forge]): Tampering => [`${what} (${type})`, rule, type, (story) => forge(story, sign)],
    ),
  ),
  ...others,
];
