import type { AuditRule } from '../../src/audit/audit-rules.ts';
import type { EventType } from '../../src/domain/events.ts';
import type { Person, Story } from './build-log.ts';
import { change, without } from './tamper.ts';
import { looser, newcomer, type Tampering } from './tamperings.ts';
import type { Tamper } from './write-log.ts';

const used = 'countersign.factor.used.v1';

interface Acting {
  readonly type: string;
  /** Ann acts, on somebody else or whom she is given, honestly but for the tamper. */
  readonly act: (story: Story, how: { about?: Person; tamper?: Tamper }) => void;
}

/** What somebody does about another person: the same forgeries must be found on each. */
const acting: readonly Acting[] = [
  {
    type: 'person.left',
    act: (s, { about = s.people.lea, tamper }) => s.recordLeaving(s.people.ann, about, true, tamper),
  },
  {
    type: 'person.returned',
    act: (s, { about = s.people.lea, tamper }) => s.recordLeaving(s.people.ann, about, false, tamper),
  },
  {
    type: 'factor.reset-requested',
    act: (s, { about = s.people.lea, tamper }) => void s.askReset(s.people.ann, about, tamper),
  },
  {
    type: 'factor.reset',
    act: (s, { about = s.people.lea, tamper }) =>
      s.confirmReset(s.people.ann, about, s.askReset(s.people.bob, about), s.people.bob, tamper),
  },
  {
    type: 'factor.recovery-vouched',
    act(s, { about = s.people.lea, tamper }) {
      s.enrol(about, { means: 'recovery-code' });
      s.vouchRecovery(s.people.ann, about, tamper);
    },
  },
  {
    type: 'factor.vouched',
    act: (s, { about = s.person('eve', []), tamper }) => void s.vouch(s.people.ann, about, tamper),
  },
];

const forgeries: readonly (readonly [string, AuditRule, (story: Story, act: Acting['act']) => void])[] = [
  ['without a code', 'factor-is-proved', (s, act) => act(s, { tamper: without(used) })],
  [
    'on a code spent for somebody else',
    'factor-is-proved',
    (s, act) => act(s, { tamper: change(used, (body) => ({ ...body, about: s.people.sid.id })) }),
  ],
  [
    'with a factor recovered that day',
    'recovered-factor-rests-a-day',
    (s, act) => {
      s.enrol(s.people.ann, { means: 'recovery-code' });
      act(s, {});
    },
  ],
  [
    'with an older factor on the day of a recovery',
    'recovered-factor-rests-a-day',
    (s, act) => {
      const { ann } = s.people;
      const old = ann.factor;
      s.enrol(ann, { means: 'recovery-code' });
      ann.factor = old;
      act(s, {});
    },
  ],
  [
    'with a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    (s, act) => {
      s.enrol(s.people.ann, { means: 'recovery-code' });
      s.wait(2 * 86_400_000);
      act(s, {});
    },
  ],
];

const stale: readonly Tampering[] = acting
  .filter(({ type }) => type !== 'factor.vouched')
  .map(({ type, act }) => [
    `${type} on groups that were told an hour before`,
    'membership-is-fresh',
    type,
    (s) => {
      s.actor(s.people.ann);
      s.people.ann.claimsAgeMs = 3_600_000;
      act(s, {});
    },
  ]);

/** Whoever records or resets is an administrator, and another human. */
const administrators: readonly (readonly [string, AuditRule])[] = [
  ['person.left', 'administrator-records-leaving'],
  ['person.returned', 'administrator-records-leaving'],
  ['factor.reset-requested', 'reset-takes-two-humans'],
  ['factor.reset', 'reset-takes-two-humans'],
];
const byWhom: readonly Tampering[] = administrators.flatMap(([type, rule]): Tampering[] => {
  const act = acting.find((one) => one.type === type)?.act ?? (() => {});
  const whole = `countersign.${type}.v1` as EventType; // one of those above
  return [
    [
      `${type} by somebody who is no administrator`,
      rule,
      type,
      (s) => act(s, { tamper: change(whole, (body) => ({ ...body, groups: ['leads'] })) }),
    ],
    [
      `${type} of oneself, by another login`,
      rule,
      type,
      (s) => act(s, { about: newcomer(s, 'ann-home', ['admins']) }),
    ],
  ];
});

const leaving: readonly Tampering[] = [
  [
    'a leaving of somebody who had left',
    'leaving-is-recorded-once',
    'person.left',
    (s) => {
      s.recordLeaving(s.people.ann, s.people.lea);
      s.recordLeaving(s.people.ann, s.people.lea);
    },
  ],
  [
    'a return of somebody who was there',
    'leaving-is-recorded-once',
    'person.returned',
    (s) => s.recordLeaving(s.people.ann, s.people.lea, false),
  ],
  [
    'a leaver who signs',
    'person-has-not-left',
    'request.reviewed',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.actor(s.people.lea);
      s.recordLeaving(s.people.ann, s.people.lea);
      s.review(s.people.lea, request);
    },
  ],
  [
    'a leaver who signs in again',
    'person-has-not-left',
    'person.authenticated',
    (s) => {
      s.recordLeaving(s.people.ann, s.people.lea);
      s.signIn(s.people.lea);
    },
  ],
  [
    'a review in a sign-in that was let in from another machine',
    'sign-in-may-only-ask',
    'request.reviewed',
    (s) => {
      const request = s.submit(s.people.maya, 'operator');
      s.signIn(
        s.people.lea,
        change('countersign.person.authenticated.v1', (body) => ({ ...body, way: 'device', may: 'ask' })),
      );
      s.review(s.people.lea, request);
    },
  ],
  [
    'somebody back who acts within the sign-in of before',
    'actor-is-signed-in',
    'request.submitted',
    (s) => {
      s.actor(s.people.maya);
      s.recordLeaving(s.people.ann, s.people.maya);
      s.recordLeaving(s.people.ann, s.people.maya, false);
      s.submit(s.people.maya, 'operator');
    },
  ],
  [
    'a policy published on the signature of somebody who has left since',
    'publishers-are-enough',
    'policy.published',
    (s) => {
      const proposal = s.propose(s.people.ann, looser());
      s.signPolicy(s.people.ann, proposal);
      s.recordLeaving(s.people.bob, s.people.ann);
      s.signPolicy(s.people.bob, proposal);
    },
  ],
  [
    'a policy signed by two logins of one administrator',
    'reviewer-has-not-reviewed-before',
    'policy.signed',
    (s) => {
      const home = newcomer(s, 'ann-home', ['admins']);
      const proposal = s.propose(s.people.ann, looser());
      s.signPolicy(s.people.ann, proposal);
      s.signPolicy(home, proposal);
    },
  ],
  [
    'the leaving of one of two listed administrators',
    'publishing-stays-possible',
    'person.left',
    (s) => {
      const { ann, bob, lea } = s.people;
      const listed = [ann, bob].map(({ id }) => ({ person: id, until: null }));
      const next = looser();
      const admins = { idp: null, issuer: null, until: null, people: listed };
      s.publish({ ...next, groups: { ...next.groups, admins } });
      s.recordLeaving(ann, bob);
      s.recordLeaving(ann, lea);
    },
  ],
];

const factors: readonly Tampering[] = [
  [
    'a reset confirmed by the one who asked for it',
    'reset-takes-two-humans',
    'factor.reset',
    (s) => {
      const { ann, lea } = s.people;
      s.confirmReset(ann, lea, s.askReset(ann, lea), ann);
    },
  ],
  [
    'a reset confirmed by the other login of the one who asked for it',
    'reset-takes-two-humans',
    'factor.reset',
    (s) => {
      const { ann, lea } = s.people;
      s.confirmReset(newcomer(s, 'ann-home', ['admins']), lea, s.askReset(ann, lea), ann);
    },
  ],
  [
    'a reset that nobody asked for',
    'reset-takes-two-humans',
    'factor.reset',
    (s) => s.confirmReset(s.people.ann, s.people.lea, 'x-never', s.people.bob),
  ],
  [
    'a reset confirmed two days later',
    'reset-takes-two-humans',
    'factor.reset',
    (s) => {
      const { ann, bob, lea } = s.people;
      const reset = s.askReset(ann, lea);
      s.wait(2 * 86_400_000);
      s.confirmReset(bob, lea, reset, ann);
    },
  ],
  [
    'a reset that waits for a month',
    'waiting-is-within-limit',
    'factor.reset-requested',
    (s) =>
      void s.askReset(
        s.people.ann,
        s.people.lea,
        change('countersign.factor.reset-requested.v1', (body) => ({
          ...body,
          expires_at_ms: body.expires_at_ms + 30 * 86_400_000,
        })),
      ),
  ],
  [
    'a reset that leaves a factor',
    'reset-takes-every-factor',
    'factor.reset',
    (s) => {
      const { ann, bob, lea } = s.people;
      s.enrol(lea, { means: 'factor' });
      s.confirmReset(bob, lea, s.askReset(ann, lea), ann);
    },
  ],
  [
    'a code of a factor that was reset',
    'factor-belongs-to-the-person',
    'factor.used',
    (s) => {
      const { ann, bob, maya } = s.people;
      const old = maya.factor;
      s.confirmReset(bob, maya, s.askReset(ann, maya), ann);
      maya.factor = old;
      s.signIn(maya);
      s.submit(maya, 'operator');
    },
  ],
  [
    'a factor enrolled by a code whose voucher has left since',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) => {
      const { ann, lea } = s.people;
      const eve = s.person('eve', []);
      s.signIn(eve);
      const code = s.vouch(lea, eve);
      s.recordLeaving(ann, lea);
      s.enrol(eve, { means: 'enrolment-code', code, voucher: lea.id });
    },
  ],
  [
    'a factor enrolled by a code that was made with a factor that is gone',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) => {
      const { lea } = s.people;
      const eve = s.person('eve', []);
      s.signIn(eve);
      const old = lea.factor;
      const code = s.vouch(lea, eve);
      s.enrol(lea, { means: 'factor' });
      s.removeFactor(lea, old);
      s.enrol(eve, { means: 'enrolment-code', code, voucher: lea.id });
    },
  ],
  [
    'a reset confirmed although whoever asked for it has lost the factor they asked with',
    'reset-takes-two-humans',
    'factor.reset',
    (s) => {
      const { ann, bob, maya } = s.people;
      const reset = s.askReset(ann, maya);
      const old = ann.factor;
      s.enrol(ann, { means: 'factor' });
      s.removeFactor(ann, old);
      s.confirmReset(bob, maya, reset, ann);
    },
  ],
  [
    'a reset confirmed although whoever asked for it has left in between',
    'reset-takes-two-humans',
    'factor.reset',
    (s) => {
      const { ann, bob, maya } = s.people;
      const reset = s.askReset(ann, maya);
      s.recordLeaving(bob, ann);
      s.recordLeaving(bob, ann, false);
      s.confirmReset(bob, maya, reset, ann);
    },
  ],
  [
    'a factor enrolled after a reset on a code made before it',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) => {
      const { ann, bob } = s.people;
      const eve = s.person('eve', []);
      const code = s.vouch(ann, eve);
      const spare = s.vouch(ann, eve);
      s.enrol(eve, { means: 'enrolment-code', code, voucher: ann.id });
      s.confirmReset(bob, eve, s.askReset(ann, eve), ann);
      s.signIn(eve);
      s.enrol(eve, { means: 'enrolment-code', code: spare, voucher: ann.id });
    },
  ],
  [
    'a second factor enrolled on a code, as if it were the first',
    'enrolment-is-vouched',
    'factor.enrolled',
    (s) => {
      const { ann, maya } = s.people;
      s.enrol(maya, { means: 'enrolment-code', code: s.vouch(ann, maya), voucher: ann.id });
    },
  ],
  [
    'a new factor that never showed a code',
    'factor-is-proved',
    'factor.enrolled',
    (s) => {
      const { ann } = s.people;
      const eve = s.person('eve', []);
      s.enrol(eve, { means: 'enrolment-code', code: s.vouch(ann, eve), voucher: ann.id }, without(used));
    },
  ],
  [
    'a factor enrolled on the word of one recovered that day',
    'recovered-factor-rests-a-day',
    'factor.enrolled',
    (s) => {
      s.enrol(s.people.maya, { means: 'recovery-code' });
      s.enrol(s.people.maya, { means: 'factor' });
    },
  ],
  [
    'a factor enrolled on the word of one that nobody vouched for',
    'recovered-factor-is-vouched',
    'factor.enrolled',
    (s) => {
      s.enrol(s.people.maya, { means: 'recovery-code' });
      s.wait(2 * 86_400_000);
      s.enrol(s.people.maya, { means: 'factor' });
    },
  ],
  [
    'an older factor removed with one recovered that day',
    'recovered-factor-rests-a-day',
    'factor.removed',
    (s) => {
      const old = s.people.maya.factor;
      s.enrol(s.people.maya, { means: 'recovery-code' });
      s.removeFactor(s.people.maya, old);
    },
  ],
  [
    'an older factor removed with one that nobody vouched for',
    'recovered-factor-is-vouched',
    'factor.removed',
    (s) => {
      const old = s.people.maya.factor;
      s.enrol(s.people.maya, { means: 'recovery-code' });
      s.removeFactor(s.people.maya, old);
    },
  ],
  [
    'a first code that is good for a month',
    'waiting-is-within-limit',
    'factor.vouched',
    (s) =>
      void s.vouch(
        s.people.ann,
        s.person('eve', []),
        change('countersign.factor.vouched.v1', (body) => ({
          ...body,
          expires_at_ms: body.expires_at_ms + 30 * 86_400_000,
        })),
      ),
  ],
  [
    'somebody who vouches for their own recovery, by another login',
    'voucher-is-another-human',
    'factor.recovery-vouched',
    (s) => {
      s.enrol(s.people.maya, { means: 'recovery-code' });
      s.vouchRecovery(newcomer(s, 'maya-home', ['engineers']), s.people.maya);
    },
  ],
  [
    'somebody vouched for who recovered nothing',
    'factor-belongs-to-the-person',
    'factor.recovery-vouched',
    (s) => s.vouchRecovery(s.people.ann, s.people.maya),
  ],
  [
    'an emergency judged by the other login of the one who had it',
    'break-glass-reviewer-is-somebody-else',
    'break-glass.reviewed',
    (s) => {
      const home = newcomer(s, 'maya-home', ['security']);
      s.reviewBreakGlass(home, s.submit(s.people.maya, 'operator', { breakGlass: true }));
    },
  ],
  [
    'another emergency by another login while the review of the first is overdue',
    'break-glass-debt-is-paid',
    'break-glass.used',
    (s) => {
      const home = newcomer(s, 'maya-home', ['engineers']);
      s.submit(s.people.maya, 'operator', { breakGlass: true });
      s.wait(100_000_000);
      s.submit(home, 'operator', { breakGlass: true, incident: 'incident-2' });
    },
  ],
];

export const peopleTamperings: readonly Tampering[] = [
  ...acting.flatMap(({ type, act }) =>
    forgeries.map(([what, rule, forge]): Tampering => [`${type} ${what}`, rule, type, (s) => forge(s, act)]),
  ),
  ...stale,
  ...byWhom,
  ...leaving,
  ...factors,
];
