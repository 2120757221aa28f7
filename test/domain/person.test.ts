import { expect, test } from 'vitest';
import type { Actor } from '../../src/domain/actor.ts';
import { type Draft, draft } from '../../src/domain/draft.ts';
import type { ActPurpose } from '../../src/domain/events.ts';
import type { PersonId } from '../../src/domain/ids.ts';
import { confirmingRules, decideEnrol } from '../../src/domain/person/enrol.ts';
import {
  decideLeave,
  decideReturn,
  type LeaveInput,
  leavingRules,
  returningRules,
} from '../../src/domain/person/leave.ts';
import { decideRemoveFactor, removingRules } from '../../src/domain/person/remove-factor.ts';
import { decideConfirmReset, decideRequestReset, resettingRules } from '../../src/domain/person/reset.ts';
import { hasLeftSince, hasLostFactorOf, standsBy } from '../../src/domain/person/stands-by.ts';
import {
  factorUseFold,
  isSignedIn,
  type PersonState,
  personFold,
  signInFold,
} from '../../src/domain/person/state.ts';
import { decideVouch, type VouchInput, vouchingRules } from '../../src/domain/person/vouch.ts';
import { decideVouchRecovery } from '../../src/domain/person/vouch-recovery.ts';
import type { Humans } from '../../src/domain/policy/humans.ts';
import type { FactorKind } from '../../src/domain/policy/policy.ts';
import { logFold } from '../../src/domain/policy-change/state.ts';
import { actor, factorStates, person, proof, shown } from './cases.ts';
import { type Case, eachRuleStands } from './each-rule-stands.ts';
import { authenticatorCases, passkeyCases, signedBy, withPasskey } from './passkey-cases.ts';
import { folded, given, NOON_MS, stateAfter, told } from './story.ts';

const DAY_MS = 86_400_000;
const LEA: PersonId = 'p-lea';
const onLea = 'person/p-lea' as const;
const oneHuman = (...identities: readonly string[]): Humans => ({ humans: { somebody: identities } });

const recovered = (factor: string, more: Parameters<typeof person>[1] = {}) =>
  person(factor, { means: 'recovery-code', ...more });
/** Both, the older one first. */
const both = (older: PersonState, newer: PersonState): PersonState => ({
  ...older,
  factors: { ...older.factors, ...newer.factors },
});
const states = (state: PersonState) => ({ ...factorStates('x'), person: state });

const enrolled = (
  factor: string,
  means: 'enrolment-code' | 'factor' | 'recovery-code' = 'enrolment-code',
  code: string | null = null,
): Draft =>
  draft(
    'countersign.factor.enrolled.v1',
    onLea,
    LEA,
    {
      person: LEA,
      factor,
      factor_kind: 'totp',
      passkey: null,
      means,
      enrolment_code: code,
      voucher: null,
      recovery_codes: 8,
      proof: means === 'factor' ? proof('lea') : null,
    },
    { label: null },
  );
const vouched = (code: string): Draft =>
  draft('countersign.factor.vouched.v1', onLea, LEA, {
    person: LEA,
    voucher: 'p-omar',
    code,
    expires_at_ms: NOON_MS + DAY_MS,
    proof: proof('omar'),
  });
const recoveryVouched = (factor: string): Draft =>
  draft('countersign.factor.recovery-vouched.v1', onLea, LEA, {
    person: LEA,
    voucher: 'p-omar',
    factor,
    proof: proof('omar'),
  });
const by = { person: LEA, recorded_by: 'p-ann', groups: ['admins'], proof: proof('ann') };
const left: Draft = draft('countersign.person.left.v1', onLea, LEA, by, { reason: 'x' });
const returned: Draft = draft('countersign.person.returned.v1', onLea, LEA, by, { reason: 'x' });
const resetRequested = (reset: string, requestedBy = 'p-ann', expiresAtMs = NOON_MS + DAY_MS): Draft =>
  draft(
    'countersign.factor.reset-requested.v1',
    onLea,
    LEA,
    {
      person: LEA,
      reset,
      requested_by: requestedBy,
      groups: ['admins'],
      expires_at_ms: expiresAtMs,
      proof: proof('ann'),
    },
    { reason: 'x' },
  );
const reset: Draft = draft('countersign.factor.reset.v1', onLea, LEA, {
  person: LEA,
  reset: 'x-1',
  requested_by: 'p-ann',
  confirmed_by: 'p-bob',
  groups: ['admins'],
  factors: ['f-lea'],
  proof: proof('bob'),
});

// --- vouching -----------------------------------------------------------------------------------------------------

const vouchInput = (more: Partial<VouchInput> = {}) => ({
  actor: actor('omar'),
  forPerson: LEA,
  other: personFold.initial,
  humans: {} as Humans,
  peopleWhoLeft: [] as readonly string[],
  shown: shown('omar'),
  demanded: 'totp' as FactorKind | undefined,
  factorStates: factorStates('omar'),
  refusals: { count: 0 },
  nowMs: NOON_MS,
  code: 'v-1' as const,
  factor: null,
  ...more,
});

const vouchers = (sound: ReturnType<typeof vouchInput>) =>
  [
    [
      'a workload',
      'voucher-is-another-human',
      { ...sound, actor: actor('omar', { kind: 'workload' as const }) },
    ],
    [
      'oneself',
      'voucher-is-another-human',
      { ...sound, actor: actor('lea'), shown: shown('lea'), factorStates: factorStates('lea') },
    ],
    [
      'oneself by another login',
      'voucher-is-another-human',
      { ...sound, humans: oneHuman('p-omar', 'p-lea') },
    ],
    ['for a workload', 'voucher-is-another-human', { ...sound, forPerson: 'w-deploy' as const }],
    ['for somebody who has left', 'person-has-not-left', { ...sound, peopleWhoLeft: ['p-lea'] }],
    ['by somebody who has left', 'person-has-not-left', { ...sound, peopleWhoLeft: ['p-omar'] }],
    [
      'with a recovered factor nobody vouched for',
      'recovered-factor-is-vouched',
      { ...sound, factorStates: states(recovered('f-omar')) },
    ],
    [
      'on the day of a recovery',
      'recovered-factor-rests-a-day',
      {
        ...sound,
        factorStates: states(
          recovered('f-omar', { enrolledAtMs: NOON_MS - DAY_MS + 1, recoveryVouchedBy: 'p-lea' }),
        ),
      },
    ],
    [
      'on the day of a recovery with an older factor',
      'recovered-factor-rests-a-day',
      {
        ...sound,
        factorStates: states(both(person('f-omar'), recovered('f-new', { enrolledAtMs: NOON_MS }))),
      },
    ],
  ] as const;

type VouchCase = ReturnType<typeof vouchInput>;
const wanted = <Input extends object>(
  input: Input,
  name: string,
  purpose: ActPurpose,
  about: string,
): readonly Case<Input>[] =>
  passkeyCases<Input>(input, {
    name,
    act: { purpose, about, digest: null },
    wanting: { ...input, demanded: 'passkey' },
  });

const sound: VouchCase = vouchInput();
eachRuleStands('vouching', vouchingRules, sound, decideVouch, [
  ...vouchers(sound),
  ...wanted(sound, 'omar', 'vouch', LEA),
]);

const waiting = recovered('f-lea');
const soundRecovery = vouchInput({ other: waiting });
eachRuleStands('vouching for a recovery', vouchingRules, soundRecovery, decideVouchRecovery, [
  ...vouchers(soundRecovery),
  ...wanted(soundRecovery, 'omar', 'vouch-recovery', LEA),
]);

test('somebody who has a factor is vouched for by nobody: its owner enrols further ones', () => {
  expect(told(decideVouch(vouchInput({ other: person('f-lea') })))).toEqual({
    events: [],
    refusal: 'conflict',
  });
});

test('a voucher shows a code: without one, with a wrong one or one that is spent nothing happens', () => {
  for (const decide of [decideVouch, decideVouchRecovery]) {
    const other = decide === decideVouch ? personFold.initial : waiting;
    const at = (more: Partial<VouchInput>) => told(decide(vouchInput({ other, ...more })));
    expect(at({ shown: { kind: 'nothing' } })).toEqual({ events: [], refusal: 'factor-is-proved' });
    expect(at({ shown: { kind: 'wrong' } })).toEqual({ events: ['factor.failed'], refusal: 'factor-wrong' });
    expect(at({ factorStates: { ...factorStates('omar'), use: { used: true } } })).toEqual({
      events: ['factor.failed'],
      refusal: 'factor-wrong',
    });
  }
});

test('a recovery is vouched for where one waits, by name where several do', () => {
  const at = (other: PersonState, factor: string | null = null) =>
    told(decideVouchRecovery({ ...vouchInput({ other }), factor }));
  expect(at(waiting).events).toEqual(['factor.used', 'factor.recovery-vouched']);
  expect(at(person('f-lea')).refusal).toBe('conflict');
  expect(at(recovered('f-lea', { recoveryVouchedBy: 'p-sid' })).refusal).toBe('conflict');
  const two = both(waiting, recovered('f-thief'));
  expect(at(two).refusal).toBe('conflict');
  expect(at(two, 'f-lea').events).toEqual(['factor.used', 'factor.recovery-vouched']);
  expect(at(two, 'f-other').refusal).toBe('conflict');
  expect(at(two, 'constructor').refusal).toBe('conflict');
});

test('behind a closed door a right code of a recovered factor looks like any other', () => {
  const failed = { failedAtMs: [1, 2, 3, 4, 5].map((at) => NOON_MS - at) };
  const closed = { ...states(recovered('f-omar')), attempts: [failed, { failedAtMs: [] }] as const };
  expect(told(decideVouch(vouchInput({ factorStates: closed }))).refusal).toBe('factor-throttled');
  const state = both(recovered('f-lea'), person('f-old'));
  const removal = { ...removing(state), factorStates: { ...closed, person: state } };
  expect(told(decideRemoveFactor(removal)).refusal).toBe('factor-throttled');
});

// --- enrolling and removing ---------------------------------------------------------------------------------------

const newFactor = {
  actor: actor('lea'),
  person: person('f-lea'),
  log: logFold.initial,
  factor: 'f-new' as const,
  label: null,
  recoveryCodes: 8,
  voucherStands: true,
  confirmation: {
    kind: 'totp' as const,
    shown: { kind: 'right', factor: 'f-new', step: 7 } as const,
    states: { ...factorStates('lea'), use: factorUseFold.initial },
  },
  demands: undefined,
  makersAreKnown: false,
  refusals: { count: 0 },
  nowMs: NOON_MS,
};
const byFactor = (state: PersonState) => ({
  ...newFactor,
  person: state,
  means: { kind: 'factor' as const, shown: shown('lea'), states: states(state) },
});

type EnrolCase = Parameters<typeof decideEnrol>[0];
const byPasskey = (counter: number): EnrolCase => ({
  ...newFactor,
  person: withPasskey('lea', 7),
  means: {
    kind: 'factor',
    shown: signedBy('lea', { purpose: 'enrol', about: 'f-new', digest: null }, counter),
    states: states(withPasskey('lea', 7)),
  },
});

eachRuleStands('enrolling', confirmingRules, byFactor(person('f-lea')), decideEnrol, [
  [
    'by a code, with a passkey',
    'passkey-answers-for-passkeys',
    byFactor(both(person('f-lea'), withPasskey('key'))),
  ],
  ['by a passkey that counts back', 'passkey-counter-rises', byPasskey(6)],
  ...authenticatorCases<EnrolCase>(byFactor(person('f-lea'))),
  [
    'a sixth factor',
    'enrolment-is-vouched',
    byFactor({
      ...person('f-lea'),
      factors: Object.assign({}, ...['lea', '2', '3', '4', '5'].map((name) => person(`f-${name}`).factors)),
    }),
  ],
  ['by a recovered factor nobody vouched for', 'recovered-factor-is-vouched', byFactor(recovered('f-lea'))],
  [
    'by a factor recovered less than a day ago',
    'recovered-factor-rests-a-day',
    byFactor(recovered('f-lea', { enrolledAtMs: NOON_MS - DAY_MS + 1, recoveryVouchedBy: 'p-omar' })),
  ],
]);

const byCode = (state: PersonState, more: Partial<typeof newFactor> = {}) =>
  told(
    decideEnrol({
      ...newFactor,
      ...more,
      person: state,
      means: { kind: 'enrolment-code', code: 'v-1' },
    }),
  );
const byRecovery = (state: PersonState) =>
  told(decideEnrol({ ...newFactor, person: state, means: { kind: 'recovery-code' } }));
const theyEnrol = { events: ['factor.enrolled', 'factor.used'], refusal: undefined };
const unvouched = { events: ['command.refused'], refusal: 'enrolment-is-vouched' };
/** The genesis names them. */
const named = { ...logFold.initial, codes: { 'v-1': { person: LEA, expiresAtMs: NOON_MS + DAY_MS } } };

test('a first factor is enrolled by the code that was made for it, once, within a day', () => {
  const state = stateAfter(personFold, [vouched('v-1')]);
  expect(byCode(state)).toEqual(theyEnrol);
  expect(byCode(state, { nowMs: NOON_MS + DAY_MS })).toEqual(unvouched);
  expect(byCode(personFold.initial)).toEqual(unvouched);
  expect(byCode(personFold.initial, { log: named })).toEqual(theyEnrol);
  expect(
    byCode(stateAfter(personFold, [vouched('v-1'), enrolled('f-lea', 'enrolment-code', 'v-1')])),
  ).toEqual(unvouched);
});

test('a leaving and a reset void every code that was promised before, and the recovery codes', () => {
  for (const ending of [
    [left, returned],
    [resetRequested('x-1'), reset],
  ]) {
    const state = stateAfter(personFold, [vouched('v-1'), ...ending]);
    expect(byCode(state)).toEqual(unvouched);
    expect(byCode(state, { log: named })).toEqual(unvouched);
  }
  const afterReset = stateAfter(personFold, [enrolled('f-lea'), resetRequested('x-1'), reset]);
  expect(byRecovery(afterReset)).toEqual(unvouched);
  // Vouched for again they enrol, and have recovery codes again.
  const anew = [
    enrolled('f-lea'),
    resetRequested('x-1'),
    reset,
    vouched('v-2'),
    enrolled('f-2', 'enrolment-code', 'v-2'),
  ];
  expect(byRecovery(stateAfter(personFold, anew))).toEqual(theyEnrol);
  expect(byRecovery(stateAfter(personFold, [enrolled('f-lea'), left, returned]))).toEqual(theyEnrol);
});

function removeInput() {
  const state = both(person('f-lea'), person('f-old'));
  return {
    actor: actor('lea'),
    person: state,
    factorStates: states(state),
    remove: 'f-old',
    shown: shown('lea') as Parameters<typeof decideRemoveFactor>[0]['shown'],
    refusals: { count: 0 },
    nowMs: NOON_MS,
  };
}
const removing = (state: PersonState, remove = 'f-old') => ({
  ...removeInput(),
  person: state,
  factorStates: states(state),
  remove,
});

const byCountedPasskey = both(withPasskey('lea', 7), person('f-old'));

eachRuleStands('removing a factor', removingRules, removeInput(), decideRemoveFactor, [
  [
    'a passkey by a code',
    'passkey-answers-for-passkeys',
    removing(both(person('f-lea'), withPasskey('old'))),
  ],
  [
    'by a passkey that counts back',
    'passkey-counter-rises',
    {
      ...removing(byCountedPasskey),
      shown: signedBy('lea', { purpose: 'remove', about: 'f-old', digest: null }, 7),
    },
  ],
  ['the only one', 'last-factor-stays', removing(person('f-lea'), 'f-lea')],
  [
    'by a recovered one nobody vouched for',
    'recovered-factor-is-vouched',
    removing(both(recovered('f-lea'), person('f-old'))),
  ],
  [
    'by one recovered less than a day ago',
    'recovered-factor-rests-a-day',
    removing(
      both(recovered('f-lea', { enrolledAtMs: NOON_MS, recoveryVouchedBy: 'p-omar' }), person('f-old')),
    ),
  ],
]);

test('the owner of an older factor removes the one a thief recovered, at once', () => {
  const state = both(person('f-lea'), recovered('f-thief', { enrolledAtMs: NOON_MS }));
  expect(told(decideRemoveFactor(removing(state, 'f-thief'))).events).toEqual([
    'factor.used',
    'factor.removed',
  ]);
});

// --- leaving and returning ----------------------------------------------------------------------------------------

const leaveInput = (more: Partial<LeaveInput> = {}): LeaveInput => ({
  actor: actor('ann'),
  about: LEA,
  identities: [{ person: LEA, left: false }],
  publishers: { group: 'admins' },
  groups: ['admins'],
  humans: {},
  peopleWhoLeft: [],
  listed: null,
  publishNeeds: 2,
  reason: 'x',
  shown: shown('ann'),
  demanded: 'totp' as FactorKind | undefined,
  factorStates: factorStates('ann'),
  refusals: { count: 0 },
  nowMs: NOON_MS,
  ...more,
});

const recorders = (base: LeaveInput) =>
  [
    ['somebody outside the administrators', 'administrator-records-leaving', { ...base, groups: ['leads'] }],
    [
      'a workload',
      'administrator-records-leaving',
      { ...base, actor: actor('ann', { kind: 'workload' as const }) },
    ],
    [
      'somebody the genesis does not name',
      'administrator-records-leaving',
      { ...base, publishers: { persons: ['p-bob'] } },
    ],
    ['oneself', 'administrator-records-leaving', { ...base, about: 'p-ann' as const }],
    [
      'oneself by another login',
      'administrator-records-leaving',
      { ...base, humans: oneHuman('p-ann', 'p-lea') },
    ],
    ['of a workload', 'administrator-records-leaving', { ...base, about: 'w-deploy' as const }],
    ['by somebody who has left', 'person-has-not-left', { ...base, peopleWhoLeft: ['p-ann'] }],
    [
      'with a recovered factor nobody vouched for',
      'recovered-factor-is-vouched',
      { ...base, factorStates: states(recovered('f-ann')) },
    ],
    [
      'on the day of a recovery',
      'recovered-factor-rests-a-day',
      { ...base, factorStates: states(both(person('f-ann'), recovered('f-new', { enrolledAtMs: NOON_MS }))) },
    ],
  ] as const;

const three = ['p-ann', 'p-bob', 'p-lea'].map((one) => ({ person: one, left: false }));
eachRuleStands('recording a leaving', leavingRules, leaveInput({ listed: three }), decideLeave, [
  ...recorders(leaveInput()),
  ...wanted(leaveInput({ listed: three }), 'ann', 'leave', LEA),
  [
    'of an administrator without whom too few are left',
    'publishing-stays-possible',
    leaveInput({ listed: three.slice(0, 1).concat(three.slice(2)) }),
  ],
  [
    'of an administrator, when another has left before',
    'publishing-stays-possible',
    leaveInput({ listed: three.map((one) => ({ ...one, left: one.person === 'p-bob' })) }),
  ],
  [
    'of an administrator, when the others are one human',
    'publishing-stays-possible',
    leaveInput({ listed: three, humans: oneHuman('p-ann', 'p-bob') }),
  ],
  [
    'of an administrator by another login',
    'publishing-stays-possible',
    leaveInput({
      about: 'p-lea-at-home',
      listed: three.slice(1),
      humans: oneHuman('p-lea', 'p-lea-at-home'),
    }),
  ],
]);

const gone = leaveInput({ identities: [{ person: LEA, left: true }] });
eachRuleStands('recording a return', returningRules, gone, decideReturn, [
  ...recorders(gone),
  ...wanted(gone, 'ann', 'return', LEA),
]);

test('a human leaves under every identity that is linked, and none is recorded twice', () => {
  const identities = [
    { person: 'p-lea', left: false },
    { person: 'p-lea-at-home', left: true },
    { person: 'p-lea-root', left: false },
  ];
  const judged = decideLeave(leaveInput({ identities }));
  expect(judged.events.map(({ stream }) => stream).slice(1)).toEqual(['person/p-lea', 'person/p-lea-root']);
  expect(told(decideLeave(gone))).toEqual({ events: [], refusal: undefined });
  expect(told(decideReturn(leaveInput())).refusal).toBe('conflict');
  expect(told(decideReturn(leaveInput({ identities }))).events).toEqual(['factor.used', 'person.returned']);
});

test('leaving and returning need a code', () => {
  const nothing = { shown: { kind: 'nothing' } as const };
  expect(told(decideLeave(leaveInput(nothing))).refusal).toBe('factor-is-proved');
  expect(told(decideReturn({ ...gone, ...nothing })).refusal).toBe('factor-is-proved');
  const wrong = { shown: { kind: 'wrong' } as const };
  expect(told(decideLeave(leaveInput(wrong))).refusal).toBe('factor-wrong');
});

test('somebody who left stands by nothing they signed before, back or not; what they sign after it counts', () => {
  const state = stateAfter(personFold, [enrolled('f-lea'), left, returned]);
  expect(state.left).toBe(false);
  expect(standsBy(state, { seq: 0, factor: 'f-lea' })).toBe(false);
  expect(hasLeftSince(state, { seq: 2, factor: 'f-lea' })).toBe(false);
  expect(standsBy(state, { seq: 2, factor: 'f-lea' })).toBe(true);
  expect(standsBy(state, { seq: 2, factor: 'f-other' })).toBe(false);
  expect(hasLostFactorOf(state, { seq: 2, factor: 'constructor' })).toBe(true);
});

test('sign-ins from before a leaving or a reset are over, those that began after it are not', () => {
  const signIn = signInFold.evolve(
    signInFold.initial,
    folded(
      draft(
        'countersign.person.authenticated.v1',
        'sign-in/i-1',
        LEA,
        {
          sign_in: 'i-1',
          person: LEA,
          issuer: 'corp',
          groups: [],
          auth_time_ms: null,
          acr: null,
          key_set_digest: null,
          key_thumbprint: 'k',
          expires_at_ms: NOON_MS + 1000,
          way: 'browser',
          may: 'everything',
          proof: null,
        },
        { subject: null, display_name: null, address: null, user_agent: null, id_token: null },
      ),
      5,
    ),
  );
  const endedAt = (seq: number): PersonState => personFold.evolve(person('f-lea'), folded(left, seq));
  const resetAt = (seq: number): PersonState => personFold.evolve(person('f-lea'), folded(reset, seq));
  for (const at of [endedAt, resetAt]) {
    expect([4, 6].map((seq) => isSignedIn(signIn, at(seq), NOON_MS))).toEqual([true, false]);
  }
  expect(isSignedIn(signIn, personFold.initial, NOON_MS + 999)).toBe(true);
  expect(isSignedIn(signIn, personFold.initial, NOON_MS + 1000)).toBe(false);
  expect(isSignedIn({ ...signIn, signedOut: true }, personFold.initial, NOON_MS)).toBe(false);
});

// --- resets -------------------------------------------------------------------------------------------------------

const asked = stateAfter(personFold, [enrolled('f-lea'), resetRequested('x-1')]);
const resetInput = (name: string, other: PersonState) => ({
  actor: actor(name),
  about: LEA,
  other,
  publishers: { group: 'admins' } as LeaveInput['publishers'],
  groups: ['admins'] as readonly string[],
  humans: {} as Humans,
  policyPublishedAtMs: NOON_MS,
  peopleWhoLeft: [] as readonly string[],
  reset: 'x-1' as const,
  requesterStands: true,
  reason: 'the phone is gone',
  shown: shown(name),
  demanded: 'totp' as FactorKind | undefined,
  factorStates: factorStates(name),
  refusals: { count: 0 },
  nowMs: NOON_MS,
});

const resetters = (name: string, other: PersonState) => {
  const base = resetInput(name, other);
  const self: Actor = actor('lea');
  return [
    ['somebody outside the administrators', 'reset-takes-two-humans', { ...base, groups: ['leads'] }],
    ['a workload', 'reset-takes-two-humans', { ...base, actor: actor(name, { kind: 'workload' as const }) }],
    [
      'of one’s own factors',
      'reset-takes-two-humans',
      { ...base, actor: self, shown: shown('lea'), factorStates: factorStates('lea') },
    ],
    [
      'of one’s own factors by another login',
      'reset-takes-two-humans',
      { ...base, humans: oneHuman(`p-${name}`, 'p-lea') },
    ],
    ['by somebody who has left', 'person-has-not-left', { ...base, peopleWhoLeft: [`p-${name}`] }],
    [
      'with a recovered factor nobody vouched for',
      'recovered-factor-is-vouched',
      { ...base, factorStates: states(recovered(`f-${name}`)) },
    ],
    [
      'on the day of a recovery',
      'recovered-factor-rests-a-day',
      {
        ...base,
        factorStates: states(both(person(`f-${name}`), recovered('f-new', { enrolledAtMs: NOON_MS }))),
      },
    ],
  ] as const;
};

eachRuleStands('asking for a reset', resettingRules, resetInput('ann', person('f-lea')), decideRequestReset, [
  ...resetters('ann', person('f-lea')),
  ...wanted(resetInput('ann', person('f-lea')), 'ann', 'reset', LEA),
]);
eachRuleStands('confirming a reset', resettingRules, resetInput('bob', asked), decideConfirmReset, [
  ...resetters('bob', asked),
  ...wanted(resetInput('bob', asked), 'bob', 'confirm-reset', 'x-1'),
  ['whoever asked for it', 'reset-takes-two-humans', resetInput('ann', asked)],
  [
    'another login of whoever asked for it',
    'reset-takes-two-humans',
    { ...resetInput('bob', asked), humans: oneHuman('p-ann', 'p-bob') },
  ],
  [
    'what somebody asked who has left',
    'person-has-not-left',
    { ...resetInput('bob', asked), peopleWhoLeft: ['p-ann'] },
  ],
]);

test('a reset is confirmed within a day, once, and takes everything', () => {
  const at = (nowMs: number, other = asked) =>
    told(decideConfirmReset({ ...resetInput('bob', other), nowMs }));
  expect(at(NOON_MS + DAY_MS - 1).events).toEqual(['factor.used', 'factor.reset']);
  expect(at(NOON_MS + DAY_MS).refusal).toBe('not-found');
  given(personFold, [enrolled('f-lea'), enrolled('f-2', 'factor'), resetRequested('x-1')])
    .when((other) => decideConfirmReset(resetInput('bob', other)))
    .gives('factor.used', 'factor.reset');
  const done = stateAfter(personFold, [enrolled('f-lea'), resetRequested('x-1'), reset]);
  expect(at(NOON_MS, done).refusal).toBe('not-found');
  expect(done).toMatchObject({ factors: {}, codes: {}, resets: {}, recoveryCodes: 0, resetAtMs: NOON_MS });
});

test('an ask made under an earlier policy, which may have had other administrators, is confirmed by nobody', () => {
  const since = { policyPublishedAtMs: NOON_MS + 1, nowMs: NOON_MS + 2 };
  expect(told(decideConfirmReset({ ...resetInput('bob', asked), ...since })).refusal).toBe('not-found');
  const anew = told(decideRequestReset({ ...resetInput('cid', asked), ...since, reset: 'x-2' }));
  expect(anew.events).toEqual(['factor.used', 'factor.reset-requested']);
});

test('another id, and the name of something every object has, is no reset', () => {
  for (const id of ['x-2', 'constructor', '__proto__'] as `x-${string}`[]) {
    expect(told(decideConfirmReset({ ...resetInput('bob', asked), reset: id })).refusal).toBe('not-found');
  }
});

test('a second ask waits until the first has been confirmed or a day has passed; without factors there is nothing to ask', () => {
  const at = (other: PersonState, nowMs = NOON_MS) =>
    told(decideRequestReset({ ...resetInput('cid', other), nowMs })).refusal;
  expect(at(asked)).toBe('conflict');
  expect(at(asked, NOON_MS + DAY_MS)).toBeUndefined();
  expect(at(personFold.initial)).toBe('conflict');
  const twice = [enrolled('f-lea'), resetRequested('x-1', 'p-ann', NOON_MS - 1), resetRequested('x-2')];
  expect(Object.keys(stateAfter(personFold, twice).resets)).toEqual(['x-2']);
});

test('asking for a reset and confirming it need a code each', () => {
  const nothing = { shown: { kind: 'nothing' } as const };
  expect(told(decideRequestReset({ ...resetInput('ann', person('f-lea')), ...nothing })).refusal).toBe(
    'factor-is-proved',
  );
  expect(told(decideConfirmReset({ ...resetInput('bob', asked), ...nothing })).refusal).toBe(
    'factor-is-proved',
  );
});

test('a leaving voids an ask for a reset', () => {
  const state = stateAfter(personFold, [enrolled('f-lea'), resetRequested('x-1'), left, returned]);
  expect(told(decideConfirmReset(resetInput('bob', state))).refusal).toBe('not-found');
});

test('a voucher for a recovered factor is remembered, and of a factor that is gone nothing is', () => {
  const state = stateAfter(personFold, [enrolled('f-lea', 'recovery-code'), recoveryVouched('f-lea')]);
  expect(state.factors['f-lea']?.recoveryVouchedBy).toBe('p-omar');
  expect(stateAfter(personFold, [recoveryVouched('f-lea')])).toEqual(personFold.initial);
});
