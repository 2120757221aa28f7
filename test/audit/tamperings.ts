import type { AuditRule } from '../../src/audit/audit-rules.ts';
import { draft } from '../../src/domain/draft.ts';
import { streams } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy/policy.ts';
import { utf8 } from '../../src/log/bytes.ts';
import { auditedPolicy } from './audited-policy.ts';
import type { Request, Story } from './build-log.ts';
import { change, moved, otherDigest, without } from './tamper.ts';

/** What was done, the rule that must name it, the type of the entry at fault (without prefix and version), the story. */
export type Tampering = readonly [string, AuditRule, string, (story: Story) => void];

const submitted = 'countersign.request.submitted.v1';
const reviewed = 'countersign.request.reviewed.v1';
const approved = 'countersign.request.approved.v1';
const ticket = 'countersign.ticket.checked.v1';
const used = 'countersign.factor.used.v1';

const customers = { action: 'customers.read', resource: 'customers', access: 'read' } as const;

export const looser = (): Policy => {
  const { operator } = auditedPolicy.entitlements;
  if (operator === undefined) throw new Error('the story needs it');
  return {
    ...auditedPolicy,
    entitlements: { ...auditedPolicy.entitlements, operator: { ...operator, at_most_seconds: 7200 } },
  };
};

/** Somebody new, with a factor. */
export const newcomer = (s: Story, name: string, groups: readonly string[]) => {
  const who = s.person(name, groups);
  s.enrol(who, { means: 'enrolment-code', code: s.vouch(s.people.ann, who), voucher: s.people.ann.id });
  return who;
};

export const granted = (s: Story, seconds = 1800): Request => {
  const request = s.submit(s.people.maya, 'operator', { seconds });
  s.review(s.people.tomas, request);
  return request;
};

export const running = (s: Story): Request => {
  const request = granted(s);
  s.opened(request, s.open(request));
  return request;
};

/** Asked for, and undecided long enough that its reviewers may be reminded. */
const forgotten = (s: Story): Request => {
  const request = s.submit(s.people.maya, 'operator');
  s.wait(900_000);
  return request;
};

const everyEntry: readonly Tampering[] = [
  [
    'a field that no entry of that type has',
    'entry-fits-the-catalogue',
    'request.submitted',
    (s) =>
      void s.submit(s.people.maya, 'look', {
        tamper: change(submitted, (body) => ({ ...body, colour: 'red' })),
      }),
  ],
  [
    'a ticket check put on the stream of another request',
    'entry-is-on-its-stream',
    'ticket.checked',
    (s) => void s.submit(s.people.maya, 'operator', { tamper: moved(ticket) }),
  ],
  [
    'a decision that waited a minute to be sealed',
    'decision-is-timely',
    'request.withdrawn',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      const body = { request: request.id, person: s.people.maya.id };
      const entry = draft('countersign.request.withdrawn.v1', streams.request(request.id), request.id, body);
      s.writer.commit(s.actor(s.people.maya), [entry], 60_000);
    },
  ],
  [
    'a request in the name of somebody else',
    'actor-is-the-one-named',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { person: s.people.lea.id } }),
  ],
  [
    'a request without a sign-in',
    'actor-is-signed-in',
    'request.submitted',
    (s) => {
      s.actor(s.people.maya);
      s.people.maya.signIn = `i-${'0'.repeat(26)}`;
      s.submit(s.people.maya, 'operator');
    },
  ],
  [
    'a request within the sign-in of somebody else',
    'actor-is-signed-in',
    'request.submitted',
    (s) => {
      s.actor(s.people.maya);
      s.people.maya.signIn = s.people.ann.signIn;
      s.submit(s.people.maya, 'operator');
    },
  ],
  [
    'a request two minutes after signing out',
    'actor-is-signed-in',
    'request.submitted',
    (s) => {
      s.actor(s.people.maya);
      const signedInUntilMs = s.people.maya.signedInUntilMs;
      s.signOut(s.people.maya);
      s.wait(120_000);
      s.people.maya.signedInUntilMs = signedInUntilMs;
      s.submit(s.people.maya, 'operator');
    },
  ],
  [
    'an id of a request from another time',
    'id-is-of-its-time',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { request: `r-${'0'.repeat(26)}` } }),
  ],
];

const policies: readonly Tampering[] = [
  [
    'a policy attachment edited afterwards',
    'attachment-has-its-digest',
    'policy.proposed',
    (s) => void s.attachments.set(s.world.policyDigest ?? '', utf8('{}')),
  ],
  [
    'something published that is no policy',
    'attachment-is-a-policy',
    'policy.proposed',
    (s) => s.publish(Object.assign({}, auditedPolicy, { colour: 'red' })),
  ],
  [
    'a plan that says less than was signed',
    'plan-has-its-digest',
    'policy.proposed',
    (s) => {
      const proposed = 'countersign.policy.proposed.v1';
      s.propose(
        s.people.ann,
        looser(),
        change(proposed, (body) => ({ ...body, plan: { ...body.plan, changes: [] } })),
      );
    },
  ],
  [
    'a policy published over one that is no longer in force',
    'proposal-is-current',
    'policy.signed',
    (s) => {
      const late = s.propose(s.people.bob, { ...looser(), auditors: { from: 'security' } });
      s.publish(looser());
      s.signPolicy(s.people.ann, late);
    },
  ],
  [
    'a policy signed by an engineer',
    'publisher-is-administrator',
    'policy.signed',
    (s) => s.signPolicy(s.people.maya, s.propose(s.people.ann, looser())),
  ],
  [
    'a policy published with one signature, counted twice',
    'publishers-are-enough',
    'policy.published',
    (s) =>
      s.signPolicy(s.people.ann, s.propose(s.people.ann, looser()), {
        needs: 1,
        tamper: change('countersign.policy.published.v1', (body) => ({
          ...body,
          signers: [s.people.ann.id, s.people.ann.id],
        })),
      }),
  ],
  [
    'a policy signed twice by one administrator',
    'reviewer-has-not-reviewed-before',
    'policy.signed',
    (s) => {
      const proposal = s.propose(s.people.ann, looser());
      s.signPolicy(s.people.ann, proposal);
      s.signPolicy(s.people.ann, proposal, { needs: 9 });
    },
  ],
  [
    'a signature for another policy',
    'statement-is-what-stands',
    'policy.signed',
    (s) =>
      s.signPolicy(s.people.ann, s.propose(s.people.ann, looser()), {
        statement: (value) => (value.purpose === 'publish' ? { ...value, to_digest: otherDigest } : value),
      }),
  ],
  [
    'a policy signed with a factor recovered that day',
    'recovered-factor-rests-a-day',
    'policy.signed',
    (s) => {
      s.enrol(s.people.ann, { means: 'recovery-code' });
      s.signPolicy(s.people.ann, s.propose(s.people.ann, looser()));
    },
  ],
];

const people: readonly Tampering[] = [
  [
    'a factor enrolled on a code that nobody made',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) => s.enrol(s.person('eve', ['leads']), { means: 'enrolment-code', code: 'v-nobody' }),
  ],
  [
    'a factor enrolled on the code of somebody else',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) =>
      s.enrol(s.person('eve', []), {
        means: 'enrolment-code',
        code: s.vouch(s.people.ann, s.person('eva', [])),
      }),
  ],
  [
    'a second factor without the first',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) =>
      s.enrol(
        s.people.maya,
        { means: 'factor' },
        change('countersign.factor.enrolled.v1', (body) => ({ ...body, proof: null })),
      ),
  ],
  [
    'a recovery by somebody who never had a code',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) => s.enrol(s.person('eve', []), { means: 'recovery-code' }),
  ],
  [
    'somebody who vouches for themselves',
    'voucher-is-another-human',
    'factor.vouched',
    (s) => void s.vouch(s.people.ann, s.people.ann),
  ],
  [
    'a voucher who shows no factor',
    'factor-is-proved',
    'factor.vouched',
    (s) => void s.vouch(s.people.ann, s.person('eve', []), without(used)),
  ],
  [
    'the factor of another person',
    'factor-belongs-to-the-person',
    'factor.used',
    (s) => {
      s.people.maya.factor = s.people.tomas.factor;
      s.submit(s.people.maya, 'operator');
    },
  ],
  [
    'one code for two requests',
    'factor-step-is-spent-once',
    'factor.used',
    (s) => {
      s.submit(s.people.maya, 'operator');
      s.people.maya.lastStep--;
      s.submit(s.people.maya, 'operator');
    },
  ],
  [
    'a code of an hour ago',
    'factor-step-is-of-its-time',
    'factor.used',
    (s) =>
      void s.submit(s.people.maya, 'look', {
        tamper: change(used, (body) => ({ ...body, step: (body.step ?? 0) - 120 })),
      }),
  ],
  [
    'the last factor removed',
    'last-factor-stays',
    'factor.removed',
    (s) => s.removeFactor(s.people.maya, s.people.maya.factor),
  ],
  [
    'a factor removed that was somebody else’s',
    'factor-belongs-to-the-person',
    'factor.removed',
    (s) => s.removeFactor(s.people.maya, s.people.tomas.factor),
  ],
];

const asking: readonly Tampering[] = [
  [
    'a request under a policy that is not in force',
    'policy-is-in-force',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { policy_digest: otherDigest } }),
  ],
  [
    'a request for what the policy does not have',
    'entitlement-exists',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { entitlement: 'constructor' } }),
  ],
  [
    'a request under another rule',
    'rule-has-its-digest',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { rule_digest: otherDigest } }),
  ],
  [
    'a request that leaves its stages out',
    'request-fits-the-rule',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { stages: [] } }),
  ],
  [
    'a request on another target',
    'targets-are-of-the-entitlement',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { targets: ['payments-prod'] } }),
  ],
  [
    'a request by somebody not eligible',
    'requester-is-eligible',
    'request.submitted',
    (s) => void s.submit(s.people.sid, 'operator'),
  ],
  [
    'a request by a contractor whose group is over',
    'requester-is-eligible',
    'request.submitted',
    (s) => {
      const who = newcomer(s, 'con', ['contractors']);
      s.wait(90 * 86_400_000);
      s.submit(who, 'operator');
    },
  ],
  [
    'a request for longer than the limit',
    'duration-is-within-limit',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { seconds: 3601 }),
  ],
  [
    'an emergency for longer than its limit',
    'duration-is-within-limit',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { seconds: 1801, breakGlass: true }),
  ],
  [
    'a request for what the entitlement does not declare',
    'scope-is-within-entitlement',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { scope: [customers] } }),
  ],
  [
    'a request for a path that another reader would resolve elsewhere',
    'scope-is-within-entitlement',
    'request.submitted',
    (s) => {
      const upwards = {
        action: 'batches.delete',
        resource: 'orders-export/batches/../keys',
        access: 'destructive',
      } as const;
      s.submit(s.people.maya, 'operator', { body: { scope: [upwards] } });
    },
  ],
  [
    'a request whose ticket nobody looked at',
    'ticket-is-given-when-required',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { tamper: without(ticket) }),
  ],
  [
    'a request with a closed ticket',
    'ticket-fits-the-rule',
    'request.submitted',
    (s) => {
      const closed = change(ticket, (body) => ({ ...body, facts: { ...body.facts, state: 'closed' } }));
      s.submit(s.people.maya, 'operator', { tamper: closed });
    },
  ],
  [
    'a request outside the window of the change',
    'ticket-fits-the-rule',
    'request.submitted',
    (s) => {
      const past = change(ticket, (body) => ({
        ...body,
        facts: { ...body.facts, window: { from_ms: 0, to_ms: 1 } },
      }));
      s.submit(s.people.maya, 'repair', { tamper: past });
    },
  ],
  [
    'a request with a ticket of one’s own making',
    'ticket-has-another-voucher',
    'request.submitted',
    (s) => {
      const own = change(ticket, (body) => ({
        ...body,
        facts: { ...body.facts, vouched_by_another: false },
      }));
      s.submit(s.people.maya, 'operator', { tamper: own });
    },
  ],
  [
    'a request whose code was spent nowhere',
    'factor-is-proved',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { tamper: without(used) }),
  ],
  [
    'a request without a factor',
    'factor-is-proved',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { proof: null } }),
  ],
  [
    'a request bound to another device than the sign-in',
    'factor-is-proved',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { key_thumbprint: 'another' } }),
  ],
  [
    'a request that waits for ever',
    'waiting-is-within-limit',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'operator', { body: { review_by_ms: 9_000_000_000_000 } }),
  ],
  [
    'an emergency where the policy has none',
    'break-glass-is-allowed',
    'request.submitted',
    (s) => void s.submit(s.people.maya, 'repair', { breakGlass: true }),
  ],
  [
    'an emergency that leaves no debt',
    'break-glass-is-recorded',
    'request.submitted',
    (s) =>
      void s.submit(s.people.maya, 'operator', {
        breakGlass: true,
        tamper: without('countersign.break-glass.used.v1'),
      }),
  ],
  [
    'another emergency while the review of the first is overdue',
    'break-glass-debt-is-paid',
    'break-glass.used',
    (s) => {
      s.submit(s.people.maya, 'operator', { breakGlass: true });
      s.wait(100_000_000);
      s.submit(s.people.maya, 'operator', { breakGlass: true, incident: 'incident-2' });
    },
  ],
];

const reviewing: readonly Tampering[] = [
  [
    'a withdrawal of a request that never was',
    'request-is-known',
    'request.withdrawn',
    (s) => s.withdraw(s.people.maya, { ...s.submit(s.people.maya, 'operator'), id: 'r-never' }),
  ],
  [
    'an approval after a denial',
    'request-is-pending',
    'request.reviewed',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.review(s.people.tomas, request, { verdict: 'deny' });
      s.review(s.people.lea, request);
    },
  ],
  [
    'an approval after the time for it',
    'request-is-pending',
    'request.reviewed',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.wait(28_800_000);
      s.review(s.people.tomas, request);
    },
  ],
  [
    'a review by a workload',
    'reviewer-is-human',
    'request.reviewed',
    (s) =>
      s.review(
        { ...s.people.pipe, groups: ['leads'], factor: 'f-none' },
        s.submit(s.people.maya, 'operator'),
      ),
  ],
  [
    'a review of one’s own request',
    'approver-is-not-requester',
    'request.reviewed',
    (s) => s.review(s.people.tomas, s.submit(s.people.tomas, 'operator')),
  ],
  [
    'a review by somebody outside the group',
    'reviewer-is-in-the-stage-group',
    'request.reviewed',
    (s) => s.review(s.people.sid, s.submit(s.people.maya, 'operator')),
  ],
  [
    'one human in two stages',
    'reviewer-has-not-reviewed-before',
    'request.reviewed',
    (s) => {
      const both = newcomer(s, 'both', ['leads', 'security']);
      const request = s.submit(s.people.maya, 'repair');
      s.review(both, request);
      s.review(both, request);
    },
  ],
  [
    'a sponsor who reviews for their workload',
    'reviewer-sponsors-not-the-workload',
    'request.reviewed',
    (s) => s.review(newcomer(s, 'both', ['leads', 'security']), s.submit(s.people.pipe, 'deploys')),
  ],
  [
    'a second stage signed before the first',
    'stages-come-in-order',
    'request.reviewed',
    (s) => s.review(s.people.sid, s.submit(s.people.maya, 'repair'), { stage: 1 }),
  ],
  [
    'a review that lengthens',
    'review-only-narrows',
    'request.reviewed',
    (s) => s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), { seconds: 3600 }),
  ],
  [
    'a review that widens the scope',
    'review-only-narrows',
    'request.reviewed',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.review(s.people.tomas, request, { scope: [...request.scope, customers] });
    },
  ],
  [
    'an approval after the rule has changed',
    'rule-is-unchanged-since-asking',
    'request.reviewed',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.publish(looser());
      s.review(s.people.tomas, request);
    },
  ],
  [
    'a grant after the rule has changed',
    'rule-is-unchanged-since-asking',
    'request.approved',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.publish(looser());
      s.review(s.people.tomas, request);
    },
  ],
  [
    'a signature given for another request',
    'statement-is-what-stands',
    'request.reviewed',
    (s) => {
      const other = s.submit(s.people.maya, 'operator');
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, request: other.id, request_leaf: other.leaf }),
      });
    },
  ],
  [
    'a denial recorded as an approval',
    'statement-is-what-stands',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => (value.purpose === 'review' ? { ...value, verdict: 'deny' } : value),
      }),
  ],
  [
    'a signature over another ticket',
    'statement-is-what-stands',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => (value.purpose === 'review' ? { ...value, ticket_digest: otherDigest } : value),
      }),
  ],
  [
    'a forged review: more time than was signed',
    'statement-has-its-digest',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator', { seconds: 3600 }), {
        seconds: 900,
        tamper: change(reviewed, (body) => ({
          ...body,
          seconds: 3600,
          statement: { ...body.statement, seconds: 3600 },
        })),
      }),
  ],
  [
    'a nonce used for two reviews',
    'statement-nonce-is-fresh',
    'request.reviewed',
    (s) => {
      const nonce = 'the-same-nonce';
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, nonce }),
      });
      s.review(s.people.lea, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, nonce }),
      });
    },
  ],
  [
    'a signature that had expired',
    'statement-is-in-time',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, expires_at_ms: 1 }),
      }),
  ],
  [
    'a signature that is good for a year',
    'statement-is-in-time',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, expires_at_ms: value.expires_at_ms + 31_536_000_000 }),
      }),
  ],
  [
    'a signature given in another history',
    'statement-pins-the-log',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, log: { ...value.log, size: value.log.size - 1 } }),
      }),
  ],
  [
    'a signature given in another log',
    'statement-pins-the-log',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, log: { ...value.log, origin: 'staging.example/log' } }),
      }),
  ],
  [
    'a review on the factor of another reviewer',
    'factor-is-proved',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        statement: (value) => ({ ...value, factor: s.people.lea.factor }),
      }),
  ],
  [
    'a review whose code was spent for something else',
    'factor-is-proved',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        tamper: change(used, (body) => ({ ...body, purpose: 'open' })),
      }),
  ],
  [
    'a review with a factor recovered the same day',
    'recovered-factor-rests-a-day',
    'request.reviewed',
    (s) => {
      s.enrol(s.people.tomas, { means: 'recovery-code' });
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'));
    },
  ],
  [
    'a review whose ticket nobody looked at',
    'ticket-is-given-when-required',
    'request.reviewed',
    (s) => s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), { tamper: without(ticket) }),
  ],
  [
    'a review under a policy that is not in force',
    'policy-is-in-force',
    'request.reviewed',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        tamper: change(reviewed, (body) => ({ ...body, policy_digest: otherDigest })),
      }),
  ],
  [
    'a stage left out',
    'approval-has-its-reviews',
    'request.approved',
    (s) => s.review(s.people.lea, s.submit(s.people.maya, 'repair'), { complete: true }),
  ],
  [
    'a grant without any review',
    'approval-has-its-reviews',
    'request.approved',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.commit(s.broker, [
        draft(approved, streams.request(request.id), request.id, {
          request: request.id,
          grant: `g-${s.writer.ulid()}`,
          person: request.person.id,
          target: 'orders-prod',
          policy_digest: s.world.policyDigest ?? '',
          rule_digest: request.ruleDigest,
          scope: [...request.scope],
          seconds: request.seconds,
          starts_at_ms: null,
          activate_by_ms: s.writer.clock.nowMs,
        }),
      ]);
    },
  ],
  [
    'a grant for longer than was signed',
    'grant-is-the-intersection',
    'request.approved',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        seconds: 900,
        tamper: change(approved, (body) => ({ ...body, seconds: 1800 })),
      }),
  ],
  [
    'a grant of more than was signed',
    'grant-is-the-intersection',
    'request.approved',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      const tamper = change(approved, (body) => ({ ...body, scope: [...request.scope] }));
      s.review(s.people.tomas, request, { scope: request.scope.slice(0, 1), tamper });
    },
  ],
  [
    'a grant to somebody it was never asked for',
    'grant-is-for-whom-it-was-asked',
    'request.approved',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        tamper: change(approved, (body) => ({ ...body, person: s.people.lea.id })),
      }),
  ],
  [
    'a grant that may wait for ever',
    'waiting-is-within-limit',
    'request.approved',
    (s) =>
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'), {
        tamper: change(approved, (body) => ({ ...body, activate_by_ms: 9_000_000_000_000 })),
      }),
  ],
];

const sessions: readonly Tampering[] = [
  [
    'a session opened by somebody else',
    'grant-belongs-to-the-caller',
    'session.opening',
    (s) => void s.open(granted(s), { as: s.people.tomas, fresh: true }),
  ],
  [
    'a session after the revocation',
    'grant-is-usable',
    'session.opening',
    (s) => {
      const request = running(s);
      s.revoke(s.people.tomas, request, 'reviewer');
      s.open(request);
    },
  ],
  [
    'a session after the holder ended the grant',
    'grant-is-usable',
    'session.opening',
    (s) => {
      const request = running(s);
      s.endGrant(s.people.maya, request);
      s.open(request);
    },
  ],
  [
    'a session after the grant ran out',
    'grant-is-usable',
    'session.opening',
    (s) => {
      const request = running(s);
      s.wait(1_900_000);
      s.open(request);
    },
  ],
  [
    'a first session after the time for it',
    'grant-is-usable',
    'session.opening',
    (s) => {
      const request = granted(s);
      s.wait(3_600_000);
      s.open(request, { fresh: true });
    },
  ],
  [
    'a session under a changed rule',
    'entitlement-still-allows-the-grant',
    'session.opening',
    (s) => {
      const request = granted(s);
      s.publish(looser());
      s.open(request, { fresh: true });
    },
  ],
  [
    'a session by somebody who left the group',
    'requester-is-eligible',
    'session.opening',
    (s) => void s.open(granted(s), { body: { groups: [] } }),
  ],
  [
    'a session whose ticket nobody looked at',
    'ticket-is-given-when-required',
    'session.opening',
    (s) => void s.open(granted(s), { tamper: without(ticket) }),
  ],
  [
    'a session with a ticket that was closed since',
    'ticket-fits-the-rule',
    'session.opening',
    (s) =>
      void s.open(granted(s), {
        tamper: change(ticket, (body) => ({ ...body, facts: { ...body.facts, state: 'closed' } })),
      }),
  ],
  [
    'a first session half an hour after the code',
    'opening-is-proved',
    'session.opening',
    (s) => {
      const request = granted(s);
      s.wait(1_800_000);
      s.open(request);
    },
  ],
  [
    'a session on another device without a code',
    'opening-is-proved',
    'session.opening',
    (s) => void s.open(granted(s), { body: { key_thumbprint: 'another' } }),
  ],
  [
    'a session without a factor',
    'opening-is-proved',
    'session.opening',
    (s) => void s.open(granted(s), { body: { proof: null } }),
  ],
  [
    'parameters other than those of the digest',
    'parameters-have-their-digest',
    'session.opening',
    (s) => void s.open(granted(s), { body: { parameters_digest: otherDigest } }),
  ],
  [
    'a token for more than was approved',
    'parameters-fit-the-grant',
    'session.opening',
    (s) => {
      const more = '{"action":"customers.read","resource":"customers"}';
      const permissions = (given: unknown) => [...(Array.isArray(given) ? given : []), more];
      s.open(granted(s), {
        parameters: (sent) => ({ ...sent, permissions: permissions(sent['permissions']) }),
      });
    },
  ],
  [
    'a token for another audience',
    'parameters-fit-the-grant',
    'session.opening',
    (s) => void s.open(granted(s), { parameters: (sent) => ({ ...sent, aud: 'https://payroll.example' }) }),
  ],
  [
    'a session policy for more than was approved',
    'parameters-fit-the-grant',
    'session.opening',
    (s) => {
      const request = s.submit(s.people.maya, 'failover');
      s.review(s.people.lea, request);
      s.open(request, {
        parameters: (sent) => ({
          ...sent,
          policy: String(sent['policy']).replace('rds:FailoverDBCluster', 'rds:DeleteDBCluster'),
        }),
      });
    },
  ],
  [
    'a role other than the approved one',
    'parameters-fit-the-grant',
    'session.opening',
    (s) => {
      const request = s.submit(s.people.maya, 'failover');
      s.review(s.people.lea, request);
      s.open(request, {
        parameters: (sent) => ({ ...sent, role_arn: 'arn:aws:iam::447109238812:role/Administrator' }),
      });
    },
  ],
  [
    'a session that outlives its grant',
    'session-ends-with-the-grant',
    'session.opening',
    (s) => void s.open(granted(s), { body: { ends_at_ms: s.writer.clock.nowMs + 86_400_000 } }),
  ],
  [
    'a short session of AWS whose policy does not end',
    'session-ends-with-the-grant',
    'session.opening',
    (s) => {
      const request = s.submit(s.people.maya, 'failover', { seconds: 600 });
      s.review(s.people.lea, request);
      s.open(request, {
        parameters: (sent) => ({
          ...sent,
          policy: String(sent['policy']).replace('DateLessThan', 'DateGreaterThan'),
        }),
      });
    },
  ],
  [
    'a session of AWS that lives for hours after its grant',
    'session-ends-with-the-grant',
    'session.opening',
    (s) => {
      const request = s.submit(s.people.maya, 'failover', { seconds: 600 });
      s.review(s.people.lea, request);
      s.open(request, { body: { ends_at_ms: s.writer.clock.nowMs + 7_200_000 } });
    },
  ],
  [
    'a session opened twice',
    'outcome-follows-its-opening',
    'session.opened',
    (s) => {
      const request = granted(s);
      const session = s.open(request);
      s.opened(request, session);
      s.opened(request, session);
    },
  ],
  [
    'a session opened that was certain to have failed',
    'outcome-follows-its-opening',
    'session.opened',
    (s) => {
      const request = granted(s);
      const session = s.open(request);
      s.failed(request, session, true);
      s.opened(request, session);
    },
  ],
  [
    'a session that nobody meant to open',
    'outcome-follows-its-opening',
    'session.opened',
    (s) => {
      const request = granted(s);
      s.opened(request, { ...s.open(request), id: 's-never' });
    },
  ],
  [
    'credentials that live longer than their opening says',
    'credentials-end-in-time',
    'session.opened',
    (s) => {
      const request = granted(s);
      const session = s.open(request);
      s.opened(request, session, { expires_at_ms: session.endsAtMs + 1 });
    },
  ],
  [
    'an opening that nobody settled',
    'session-is-settled',
    'session.opening',
    (s) => {
      s.open(granted(s));
      s.wait(3_600_000);
      s.signIn(s.people.lea);
    },
  ],
];

const endings: readonly Tampering[] = [
  [
    'something about a request that was over for hours',
    'stream-versions-have-no-gap',
    'grant.expired',
    (s) => {
      const request = running(s);
      s.expireGrant(request);
      s.wait(7_200_000);
      s.signIn(s.people.lea);
      s.expireGrant(request);
    },
  ],
  [
    'an emergency review whose code was spent for nothing',
    'factor-is-proved',
    'break-glass.reviewed',
    (s) =>
      s.reviewBreakGlass(s.people.sid, s.submit(s.people.maya, 'operator', { breakGlass: true }), {
        tamper: without(used),
      }),
  ],
  [
    'an emergency reviewed twice by one human',
    'break-glass-reviewer-is-somebody-else',
    'break-glass.reviewed',
    (s) => {
      const request = s.submit(s.people.maya, 'operator', { breakGlass: true });
      s.reviewBreakGlass(s.people.sid, request);
      s.reviewBreakGlass(s.people.sid, request);
    },
  ],
  [
    'an emergency that says nothing of its missing ticket',
    'ticket-is-given-when-required',
    'request.submitted',
    (s) => {
      const quiet = change(submitted, (body) => ({
        ...body,
        break_glass: body.break_glass && { ...body.break_glass, marks: [] },
      }));
      s.submit(s.people.maya, 'operator', { breakGlass: true, tamper: quiet });
    },
  ],
  [
    'a grant that ended twice',
    'request-is-over',
    'grant.expired',
    (s) => {
      const request = running(s);
      s.expireGrant(request);
      s.expireGrant(request);
    },
  ],
  [
    'a request submitted a second time',
    'request-is-over',
    'request.submitted',
    (s) =>
      void s.submit(s.people.maya, 'operator', { body: { request: s.submit(s.people.maya, 'operator').id } }),
  ],
  [
    'a request taken back by somebody else',
    'request-belongs-to-the-caller',
    'request.withdrawn',
    (s) => s.withdraw(s.people.lea, s.submit(s.people.maya, 'operator')),
  ],
  [
    'reviewers reminded by somebody who does not wait',
    'request-belongs-to-the-caller',
    'request.nudged',
    (s) => s.nudge(s.people.lea, forgotten(s)),
  ],
  [
    'reviewers reminded of what was decided',
    'request-is-pending',
    'request.nudged',
    (s) => {
      const request = forgotten(s);
      s.review(s.people.tomas, request, { verdict: 'deny' });
      s.nudge(s.people.maya, request);
    },
  ],
  [
    'reviewers reminded when it was too late',
    'request-is-pending',
    'request.nudged',
    (s) => {
      const request = forgotten(s);
      s.wait(28_800_000);
      s.nudge(s.people.maya, request);
    },
  ],
  [
    'reviewers reminded under another policy',
    'policy-is-in-force',
    'request.nudged',
    (s) => s.nudge(s.people.maya, forgotten(s), { policy_digest: `sha256:${'0'.repeat(64)}` }),
  ],
  [
    'a stage reminded whose turn it is not',
    'stages-come-in-order',
    'request.nudged',
    (s) => s.nudge(s.people.maya, forgotten(s), { stage: 1 }),
  ],
  [
    'reviewers reminded as soon as it is asked',
    'nudges-are-bounded',
    'request.nudged',
    (s) => s.nudge(s.people.maya, s.submit(s.people.maya, 'operator')),
  ],
  [
    'reviewers reminded twice within the hour',
    'nudges-are-bounded',
    'request.nudged',
    (s) => {
      const request = forgotten(s);
      s.nudge(s.people.maya, request);
      s.wait(3_599_000);
      s.nudge(s.people.maya, request);
    },
  ],
  [
    'reviewers reminded a fourth time',
    'nudges-are-bounded',
    'request.nudged',
    (s) => {
      const request = forgotten(s);
      for (let times = 0; times < 4; times++) {
        s.nudge(s.people.maya, request);
        s.wait(3_600_000);
      }
    },
  ],
  [
    'a reminder of a group whose turn it is not',
    'nudge-is-heard',
    'request.nudged',
    (s) => s.nudge(s.people.maya, forgotten(s), { hear: ['leads', 'deputies', 'admins'] }),
  ],
  [
    'a reminder that leaves out who stands in',
    'nudge-is-heard',
    'request.nudged',
    (s) => s.nudge(s.people.maya, forgotten(s), { hear: ['leads'] }),
  ],
  [
    'a reminder by a way that the policy does not name',
    'nudge-is-heard',
    'request.nudged',
    (s) => s.nudge(s.people.maya, forgotten(s), { channels: ['webhook'] }),
  ],
  [
    'a grant ended by somebody else',
    'request-belongs-to-the-caller',
    'grant.ended',
    (s) => {
      const request = running(s);
      s.endGrant(s.people.lea, request);
    },
  ],
  [
    'a revocation by somebody without the right',
    'revoker-is-entitled',
    'grant.revoke-requested',
    (s) => s.revoke(s.people.sid, s.submit(s.people.maya, 'look'), 'zone-owner'),
  ],
  [
    'a revocation confirmed that nobody asked for',
    'revocation-was-requested',
    'grant.revoke-confirmed',
    (s) => s.confirmRevoked(running(s)),
  ],
  [
    'a grant recorded as expired too early',
    'expiry-is-due',
    'grant.expired',
    (s) => s.expireGrant(running(s), true),
  ],
  [
    'an emergency reviewed by the one who had it',
    'break-glass-reviewer-is-somebody-else',
    'break-glass.reviewed',
    (s) => s.reviewBreakGlass(s.people.maya, s.submit(s.people.maya, 'operator', { breakGlass: true })),
  ],
  [
    'an emergency reviewed by somebody outside the group',
    'break-glass-reviewer-is-in-the-group',
    'break-glass.reviewed',
    (s) => s.reviewBreakGlass(s.people.tomas, s.submit(s.people.maya, 'operator', { breakGlass: true })),
  ],
  [
    'a review of another emergency',
    'statement-is-what-stands',
    'break-glass.reviewed',
    (s) =>
      s.reviewBreakGlass(s.people.sid, s.submit(s.people.maya, 'operator', { breakGlass: true }), {
        statement: (value) => ({ ...value, request_leaf: 'another' }),
      }),
  ],
  [
    'text that a decision rests on, said to be erased',
    'erasure-is-of-personal-text',
    'text.erased',
    (s) => s.erase(1, ['scope']),
  ],
  [
    'text erased before it was there',
    'erasure-is-of-personal-text',
    'text.erased',
    (s) => s.erase(s.writer.size() + 1, ['justification']),
  ],
];

export const tamperings: readonly Tampering[] = [
  ...everyEntry,
  ...policies,
  ...people,
  ...asking,
  ...reviewing,
  ...sessions,
  ...endings,
];
