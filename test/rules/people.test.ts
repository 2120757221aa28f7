import { expect, test } from 'vitest';
import type { ActPurpose } from '../../src/domain/events.ts';
import { catalogue, type EventType } from '../../src/domain/events.ts';
import type { PersonId } from '../../src/domain/ids.ts';
import { confirmingRules, decideEnrol } from '../../src/domain/person/enrol.ts';
import { decideLeave, decideReturn, leavingRules, returningRules } from '../../src/domain/person/leave.ts';
import { decideRemoveFactor, removingRules } from '../../src/domain/person/remove-factor.ts';
import {
  decideConfirmReset,
  decideRequestReset,
  RESET_WAITS_MS,
  resettingRules,
} from '../../src/domain/person/reset.ts';
import type { FactorStates } from '../../src/domain/person/show-factor.ts';
import { withinSignInRules } from '../../src/domain/person/sign-in-may-only-ask.ts';
import {
  decideSignInWithPasskey,
  type PasskeySignInInput,
  signingInWithPasskeyRules,
} from '../../src/domain/person/sign-in-with-passkey.ts';
import { signingInRules } from '../../src/domain/person/signing-in.ts';
import {
  type PasskeyUseState,
  type PersonState,
  passkeyUseFold,
  type SignInState,
} from '../../src/domain/person/state.ts';
import { decideVouch, vouchingRules } from '../../src/domain/person/vouch.ts';
import { decideVouchRecovery } from '../../src/domain/person/vouch-recovery.ts';
import type { Humans } from '../../src/domain/policy/humans.ts';
import type { FactorKind } from '../../src/domain/policy/policy.ts';
import { logFold } from '../../src/domain/policy-change/state.ts';
import { actor, factorStates, person, shown } from '../domain/cases.ts';
import { type Case, eachRuleStands } from '../domain/each-rule-stands.ts';
import { authenticatorCases, passkey, passkeyCases, signedBy, withPasskey } from '../domain/passkey-cases.ts';
import { NOON_MS, told } from '../domain/story.ts';
import { ordersPolicy } from '../orders-policy.ts';
import { asDecision } from './as-decision.ts';

const DAY_MS = 86_400_000;
/** Asking, what is shown and looked up for it, taking it back, and being refused. */
const withinAsking = {
  'countersign.request.submitted.v1': true,
  'countersign.request.approved.v1': true,
  'countersign.request.withdrawn.v1': true,
  'countersign.ticket.checked.v1': true,
  'countersign.factor.used.v1': true,
  'countersign.factor.failed.v1': true,
  'countersign.command.refused.v1': true,
  'countersign.person.signed-out.v1': true,
} as const satisfies { readonly [T in EventType]?: true };
/** An emergency from its ask to its end, and whatever takes access away. */
const withinEmergency = {
  'countersign.request.submitted.v1': true,
  'countersign.request.approved.v1': true,
  'countersign.request.cancelled.v1': true,
  'countersign.ticket.checked.v1': true,
  'countersign.break-glass.used.v1': true,
  'countersign.session.opening.v1': true,
  'countersign.session.opened.v1': true,
  'countersign.session.failed.v1': true,
  'countersign.grant.ended.v1': true,
  'countersign.grant.revoke-requested.v1': true,
  'countersign.grant.revoke-confirmed.v1': true,
  'countersign.grant.cut-off.v1': true,
  'countersign.factor.used.v1': true,
  'countersign.factor.failed.v1': true,
  'countersign.command.refused.v1': true,
  'countersign.person.signed-out.v1': true,
} as const satisfies { readonly [T in EventType]?: true };
const nobody: PersonState = { ...person('f-0'), factors: {}, recoveryCodes: 0 };
/** Recovered just now, as somebody vouched; and long ago, when nobody did. */
const recoveredToday = (factor: string) =>
  person(factor, { means: 'recovery-code', enrolledAtMs: NOON_MS, recoveryVouchedBy: 'p-omar' });
const unvouched = (factor: string) => person(factor, { means: 'recovery-code', enrolledAtMs: 0 });
const with_ = (name: string, state: PersonState): FactorStates => ({ ...factorStates(name), person: state });
const sameHuman = (...people: readonly string[]): Humans => ({ humans: { One: [...people] } });

const enrolling = () => ({
  actor: actor('maya'),
  person: {
    ...nobody,
    codes: { 'v-1': { voucher: 'p-lea', expiresAtMs: NOON_MS + 1, seq: 1, factor: 'f-lea' } },
  } as PersonState,
  log: logFold.initial,
  means: { kind: 'enrolment-code', code: 'v-1' } as Parameters<typeof decideEnrol>[0]['means'],
  voucherStands: true,
  factor: 'f-new' as const,
  label: null,
  confirmation: {
    kind: 'totp' as const,
    shown: { kind: 'right', factor: 'f-new', step: NOON_MS / 30_000 } as const,
    states: with_('maya', nobody),
  },
  demands: undefined,
  makersAreKnown: false,
  recoveryCodes: 10,
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
type Enrolling = Parameters<typeof decideEnrol>[0];
const besidesAPasskey: PersonState = {
  ...person('f-maya'),
  factors: { ...person('f-maya').factors, ...withPasskey('other').factors },
};
const byFactor = (held: PersonState): Partial<Enrolling> => ({
  person: held,
  means: { kind: 'factor', shown: shown('maya'), states: with_('maya', held) },
});
const five = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e'].map((name) => [`f-${name}`, person(`f-${name}`).factors[`f-${name}`]]),
);

eachRuleStands('enrolling a factor', confirmingRules, enrolling(), decideEnrol, [
  ['a code that nobody had made', 'enrolment-is-vouched', { ...enrolling(), person: nobody }],
  ['a code at the millisecond of its end', 'enrolment-is-vouched', { ...enrolling(), nowMs: NOON_MS + 1 }],
  [
    'a code whose voucher answers for it no more',
    'enrolment-is-vouched',
    { ...enrolling(), voucherStands: false },
  ],
  [
    'a code that was used before',
    'enrolment-is-vouched',
    { ...enrolling(), person: { ...enrolling().person, usedCodes: ['v-1'] } },
  ],
  [
    'a code where there is a factor already',
    'enrolment-is-vouched',
    { ...enrolling(), person: { ...person('f-maya'), codes: enrolling().person.codes } },
  ],
  [
    'a code that the genesis promised to somebody else',
    'enrolment-is-vouched',
    {
      ...enrolling(),
      person: nobody,
      log: { ...logFold.initial, codes: { 'v-1': { person: 'p-tom', expiresAtMs: NOON_MS + DAY_MS } } },
    },
  ],
  [
    'a code that the genesis promised, after a reset',
    'enrolment-is-vouched',
    {
      ...enrolling(),
      person: { ...nobody, signInsEndedSeq: 7 },
      log: { ...logFold.initial, codes: { 'v-1': { person: 'p-maya', expiresAtMs: NOON_MS + DAY_MS } } },
    },
  ],
  [
    'a sixth factor',
    'enrolment-is-vouched',
    {
      ...enrolling(),
      ...byFactor({
        ...person('f-maya'),
        factors: { ...person('f-maya').factors, ...five } as PersonState['factors'],
      }),
    },
  ],
  [
    'a recovery code, when all were taken away',
    'enrolment-is-vouched',
    { ...enrolling(), person: nobody, means: { kind: 'recovery-code' } },
  ],
  [
    'on a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    { ...enrolling(), ...byFactor(unvouched('f-maya')) },
  ],
  [
    'on a factor recovered today',
    'recovered-factor-rests-a-day',
    { ...enrolling(), ...byFactor(recoveredToday('f-maya')) },
  ],
  [
    'by a code, with a passkey',
    'passkey-answers-for-passkeys',
    { ...enrolling(), ...byFactor(besidesAPasskey) },
  ],
  [
    'by a passkey that counts back',
    'passkey-counter-rises',
    {
      ...enrolling(),
      person: withPasskey('maya', 3),
      means: {
        kind: 'factor',
        shown: signedBy('maya', { purpose: 'enrol', about: 'f-new', digest: null }, 3),
        states: with_('maya', withPasskey('maya', 3)),
      },
    },
  ],
  ...authenticatorCases<Enrolling>(enrolling()),
]);

/** A code where the policy wants a passkey, and a passkey that counts back. */
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

const vouching = () => ({
  actor: actor('lea'),
  forPerson: 'p-maya' as PersonId,
  other: nobody,
  humans: {} as Humans,
  peopleWhoLeft: [] as readonly string[],
  code: 'v-1' as const,
  shown: shown('lea'),
  demanded: 'totp' as FactorKind | undefined,
  factorStates: factorStates('lea'),
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
const vouchingCases = <Input extends ReturnType<typeof vouching>>(sound: Input): readonly Case<Input>[] => [
  ['for themselves', 'voucher-is-another-human', { ...sound, forPerson: 'p-lea' }],
  [
    'for another login of theirs',
    'voucher-is-another-human',
    { ...sound, humans: sameHuman('p-lea', 'p-maya') },
  ],
  ['by a workload', 'voucher-is-another-human', { ...sound, actor: actor('lea', { kind: 'workload' }) }],
  ['for a workload', 'voucher-is-another-human', { ...sound, forPerson: 'w-robot' }],
  ['for somebody who has left', 'person-has-not-left', { ...sound, peopleWhoLeft: ['p-maya'] }],
  ['by somebody who has left', 'person-has-not-left', { ...sound, peopleWhoLeft: ['p-lea'] }],
  [
    'with a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    { ...sound, factorStates: with_('lea', unvouched('f-lea')) },
  ],
  [
    'by somebody who recovered today',
    'recovered-factor-rests-a-day',
    { ...sound, factorStates: with_('lea', recoveredToday('f-lea')) },
  ],
];
eachRuleStands('vouching', vouchingRules, vouching(), decideVouch, [
  ...vouchingCases(vouching()),
  ...wanted(vouching(), 'lea', 'vouch', 'p-maya'),
]);

const vouchingRecovery = () => ({ ...vouching(), other: unvouched('f-maya'), factor: null as string | null });
eachRuleStands('vouching for a recovery', vouchingRules, vouchingRecovery(), decideVouchRecovery, [
  ...vouchingCases(vouchingRecovery()),
  ...wanted(vouchingRecovery(), 'lea', 'vouch-recovery', 'p-maya'),
]);

const leaving = () => ({
  actor: actor('ann'),
  groups: ['admins'] as readonly string[],
  publishers: { group: 'admins' } as { readonly group: string } | { readonly persons: readonly PersonId[] },
  about: 'p-maya' as PersonId,
  identities: [{ person: 'p-maya', left: false }] as readonly {
    readonly person: string;
    readonly left: boolean;
  }[],
  humans: {} as Humans,
  peopleWhoLeft: [] as readonly string[],
  listed: null as readonly { readonly person: string; readonly left: boolean }[] | null,
  publishNeeds: 2,
  reason: 'x',
  shown: shown('ann'),
  demanded: 'totp' as FactorKind | undefined,
  factorStates: factorStates('ann'),
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
type Leaving = ReturnType<typeof leaving>;
const recordingCases = (sound: Leaving): readonly Case<Leaving>[] => [
  [
    'by somebody outside the administrators',
    'administrator-records-leaving',
    { ...sound, groups: ['leads'] },
  ],
  ['by a workload', 'administrator-records-leaving', { ...sound, actor: actor('ann', { kind: 'workload' }) }],
  ['of themselves', 'administrator-records-leaving', { ...sound, about: 'p-ann' }],
  [
    'of another login of theirs',
    'administrator-records-leaving',
    { ...sound, humans: sameHuman('p-ann', 'p-maya') },
  ],
  ['of a workload', 'administrator-records-leaving', { ...sound, about: 'w-robot' }],
  ['by an administrator who has left', 'person-has-not-left', { ...sound, peopleWhoLeft: ['p-ann'] }],
  [
    'with a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    { ...sound, factorStates: with_('ann', unvouched('f-ann')) },
  ],
  [
    'by an administrator who recovered today',
    'recovered-factor-rests-a-day',
    { ...sound, factorStates: with_('ann', recoveredToday('f-ann')) },
  ],
];
const administrators = (...names: readonly string[]) =>
  names.map((name) => ({ person: `p-${name}`, left: false }));
eachRuleStands('recording a leaving', leavingRules, leaving(), decideLeave, [
  ...recordingCases(leaving()),
  ...wanted(leaving(), 'ann', 'leave', 'p-maya'),
  [
    'of one of two listed administrators',
    'publishing-stays-possible',
    { ...leaving(), listed: administrators('ann', 'maya') },
  ],
  [
    'of one of three, when one is gone and two are one human',
    'publishing-stays-possible',
    {
      ...leaving(),
      listed: [...administrators('ann', 'ann-at-home', 'maya'), { person: 'p-bob', left: true }],
      humans: sameHuman('p-ann', 'p-ann-at-home'),
    },
  ],
]);
eachRuleStands(
  'recording a return',
  returningRules,
  { ...leaving(), identities: [{ person: 'p-maya', left: true }] },
  decideReturn,
  [
    ...recordingCases({ ...leaving(), identities: [{ person: 'p-maya', left: true }] }),
    ...wanted({ ...leaving(), identities: [{ person: 'p-maya', left: true }] }, 'ann', 'return', 'p-maya'),
  ],
);

const resetting = () => ({
  actor: actor('ann'),
  groups: ['admins'] as readonly string[],
  publishers: leaving().publishers,
  about: 'p-maya' as PersonId,
  other: person('f-maya'),
  humans: {} as Humans,
  policyPublishedAtMs: 0,
  peopleWhoLeft: [] as readonly string[],
  reset: 'x-1' as Parameters<typeof decideConfirmReset>[0]['reset'],
  requesterStands: true,
  reason: 'x',
  shown: shown('ann'),
  demanded: 'totp' as FactorKind | undefined,
  factorStates: factorStates('ann'),
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
type Resetting = ReturnType<typeof resetting>;
const resettingCases = (sound: Resetting): readonly Case<Resetting>[] => [
  ['by somebody outside the administrators', 'reset-takes-two-humans', { ...sound, groups: ['leads'] }],
  ['of their own factors', 'reset-takes-two-humans', { ...sound, about: 'p-ann' }],
  ['of those of another login', 'reset-takes-two-humans', { ...sound, humans: sameHuman('p-ann', 'p-maya') }],
  ['of a workload', 'reset-takes-two-humans', { ...sound, about: 'w-robot' }],
  ['by an administrator who has left', 'person-has-not-left', { ...sound, peopleWhoLeft: ['p-ann'] }],
  [
    'with a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    { ...sound, factorStates: with_('ann', unvouched('f-ann')) },
  ],
  [
    'by an administrator who recovered today',
    'recovered-factor-rests-a-day',
    { ...sound, factorStates: with_('ann', recoveredToday('f-ann')) },
  ],
];
eachRuleStands('asking for a reset', resettingRules, resetting(), decideRequestReset, [
  ...resettingCases(resetting()),
  ...wanted(resetting(), 'ann', 'reset', 'p-maya'),
]);

const askedBy = (requestedBy: string): Resetting => ({
  ...resetting(),
  other: {
    ...person('f-maya'),
    resets: {
      'x-1': {
        requestedBy,
        requestedAtMs: NOON_MS,
        expiresAtMs: NOON_MS + RESET_WAITS_MS,
        seq: 1,
        factor: 'f-bob',
      },
    },
  },
});
eachRuleStands('confirming a reset', resettingRules, askedBy('p-bob'), decideConfirmReset, [
  ...resettingCases(askedBy('p-bob')),
  ...wanted(askedBy('p-bob'), 'ann', 'confirm-reset', 'x-1'),
  ['by whoever asked for it', 'reset-takes-two-humans', askedBy('p-ann')],
  [
    'that somebody asked for who answers for it no more',
    'reset-takes-two-humans',
    { ...askedBy('p-bob'), requesterStands: false },
  ],
  [
    'by another login of whoever asked for it',
    'reset-takes-two-humans',
    { ...askedBy('p-bob'), humans: sameHuman('p-ann', 'p-bob') },
  ],
]);

const two = (first: PersonState): PersonState => ({
  ...first,
  factors: { ...first.factors, ...person('f-other').factors },
});
const removing = () => ({
  actor: actor('maya'),
  person: two(person('f-maya')),
  factorStates: with_('maya', two(person('f-maya'))),
  remove: 'f-other',
  shown: shown('maya'),
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
const removingWith = (held: PersonState) => ({
  ...removing(),
  person: held,
  factorStates: with_('maya', held),
});
eachRuleStands('removing a factor', removingRules, removing(), decideRemoveFactor, [
  ['a passkey by a code', 'passkey-answers-for-passkeys', removingWith(besidesAPasskey)],
  [
    'by a passkey that counts back',
    'passkey-counter-rises',
    {
      ...removingWith(two(withPasskey('maya', 3))),
      shown: signedBy('maya', { purpose: 'remove', about: 'f-other', digest: null }, 2),
    },
  ],
  ['the only one', 'last-factor-stays', { ...removingWith(person('f-maya')), remove: 'f-maya' }],
  [
    'by a recovered one that nobody vouched for',
    'recovered-factor-is-vouched',
    removingWith(two(unvouched('f-maya'))),
  ],
  ['by one recovered today', 'recovered-factor-rests-a-day', removingWith(two(recoveredToday('f-maya')))],
]);

const signingIn = () => ({ actor: { person: 'p-maya' }, peopleWhoLeft: [] as readonly string[] });
eachRuleStands('signing in', signingInRules, signingIn(), asDecision(signingInRules), [
  ['somebody who has left', 'person-has-not-left', { ...signingIn(), peopleWhoLeft: ['p-maya'] }],
]);

/** A policy that names Maya, for when one of these is down. */
const named = (without: readonly ('identity-provider' | 'ticket')[]): PasskeySignInInput['policy'] => ({
  entitlements: {
    operator: {
      ...ordersPolicy.entitlements['operator'],
      break_glass: {
        at_most_seconds: 1800,
        without,
        named: ['p-maya'],
        review: { people: 1, from: 'security', within_seconds: 86_400 },
      },
    } as PasskeySignInInput['policy']['entitlements'][string],
  },
});
const PAGE = 'https://broker.example';
const signingInAlone = (counter = 0): PasskeySignInInput => ({
  actor: { person: 'p-maya' },
  signIn: 'i-1',
  issuer: 'corp',
  groups: ['eng'],
  claimsAtMs: NOON_MS - DAY_MS,
  keyThumbprint: 'k',
  expiresAtMs: NOON_MS + 3_600_000,
  page: PAGE,
  personal: { display_name: null, address: null, user_agent: null },
  policy: named(['ticket', 'identity-provider']),
  peopleWhoLeft: [],
  shown: signedBy('maya', { purpose: 'sign-in', about: PAGE, digest: null }, counter),
  factorStates: { ...factorStates('maya'), person: withPasskey('maya') },
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
const held = (state: PersonState, use: Partial<PasskeyUseState> = {}): Partial<PasskeySignInInput> => ({
  factorStates: {
    ...factorStates('maya'),
    person: state,
    passkeyUse: { ...passkeyUseFold.initial, ...use },
  },
});
const recently = (count: number) => Array.from({ length: count }, (_, at) => NOON_MS - 3_599_999 + at);
eachRuleStands(
  'signing in by a passkey alone',
  signingInWithPasskeyRules,
  signingInAlone(),
  decideSignInWithPasskey,
  [
    [
      'whom no policy names',
      'person-is-named-for-outages',
      { ...signingInAlone(), policy: { entitlements: {} } },
    ],
    [
      'whom the policy names, and lets nobody go without the provider',
      'person-is-named-for-outages',
      { ...signingInAlone(), policy: named(['ticket']) },
    ],
    [
      'whom the provider was silent about for more than a day',
      'person-is-named-for-outages',
      { ...signingInAlone(), claimsAtMs: NOON_MS - DAY_MS - 1 },
    ],
    ['somebody who has left', 'person-has-not-left', { ...signingInAlone(), peopleWhoLeft: ['p-maya'] }],
    [
      'with a passkey recovered and vouched for by nobody',
      'recovered-factor-is-vouched',
      {
        ...signingInAlone(),
        ...held(
          person('f-maya', {
            kind: 'passkey',
            passkey: passkey(),
            means: 'recovery-code',
            recoveryVouchedBy: null,
          }),
        ),
      },
    ],
    [
      'with a passkey that counts back',
      'passkey-counter-rises',
      { ...signingInAlone(7), ...held(withPasskey('maya'), { counter: 8 }) },
    ],
    [
      'an eleventh time within an hour',
      'emergency-sign-ins-are-bounded',
      { ...signingInAlone(), ...held(withPasskey('maya'), { signedInAtMs: recently(10) }) },
    ],
  ],
);
test('a tenth sign-in within an hour, and one an hour after ten, go through', () => {
  for (const signedInAtMs of [recently(9), recently(10).with(0, NOON_MS - 3_600_000)]) {
    const input = { ...signingInAlone(), ...held(withPasskey('maya'), { signedInAtMs }) };
    expect(told(decideSignInWithPasskey(input)).refusal).toBeUndefined();
  }
});
test.each<readonly [string, Partial<PasskeySignInInput>]>([
  ['for another page', { page: 'https://elsewhere.example' }],
  ['to open a grant', { shown: signedBy('maya', { purpose: 'open', about: PAGE, digest: null }) }],
  [
    'with a nonce that was spent',
    held(withPasskey('maya'), { nonces: [{ nonce: 'act-nonce', spentAtMs: NOON_MS }] }),
  ],
  ['by a factor that was removed', held(nobody)],
])('a signature %s signs nobody in, and leaves nothing', (_, otherwise) => {
  const { events, refusal } = decideSignInWithPasskey({ ...signingInAlone(), ...otherwise });
  expect([events, refusal?.code]).toEqual([[], 'not-signed-in']);
});

/** A machine let in from elsewhere asked, was reviewed by it, opened, published: only the first may be written. */
const written = (mayOnlyAsk: boolean, type: EventType, way: SignInState['way'] = 'device') => ({
  signIn: { mayOnlyAsk, way },
  events: [{ type }],
});
/** The same for a passkey alone: what an emergency is made of, and nothing else. */
const alone = (type: EventType) => written(false, type, 'passkey');
const ASKED = 'countersign.request.submitted.v1';
eachRuleStands(
  'writing in a sign-in',
  withinSignInRules,
  written(true, ASKED),
  asDecision(withinSignInRules),
  [
    ...(Object.keys(catalogue) as EventType[])
      .filter((type) => !(type in withinAsking))
      .map((type) => [type, 'sign-in-may-only-ask', written(true, type)] as const),
    ...(Object.keys(catalogue) as EventType[])
      .filter((type) => !(type in withinEmergency))
      .map((type) => [type, 'emergency-sign-in-breaks-the-glass', alone(type)] as const),
  ],
);
test('a sign-in beside a browser writes whatever the other rules let through', () => {
  const rules = asDecision(withinSignInRules);
  for (const type of Object.keys(catalogue) as EventType[]) {
    expect(told(rules(written(false, type))).refusal).toBeUndefined();
    if (type in withinAsking) expect(told(rules(written(true, type))).refusal).toBeUndefined();
    if (type in withinEmergency) expect(told(rules(alone(type))).refusal).toBeUndefined();
  }
});

/** What a decision that is signed answers when no code, or a wrong one, comes with it: no rule is an array's here. */
const signed: readonly (readonly [string, (code: 'nothing' | 'wrong') => ReturnType<typeof decideVouch>])[] =
  [
    ['vouching', (kind) => decideVouch({ ...vouching(), shown: { kind } })],
    ['vouching for a recovery', (kind) => decideVouchRecovery({ ...vouchingRecovery(), shown: { kind } })],
    ['recording a leaving', (kind) => decideLeave({ ...leaving(), shown: { kind } })],
    ['asking for a reset', (kind) => decideRequestReset({ ...resetting(), shown: { kind } })],
    ['confirming a reset', (kind) => decideConfirmReset({ ...askedBy('p-bob'), shown: { kind } })],
    ['removing a factor', (kind) => decideRemoveFactor({ ...removing(), shown: { kind } })],
  ];
test.each(signed)(
  '%s: without a code it wants one; a wrong code is recorded, and does nothing',
  (_, decide) => {
    expect(told(decide('nothing'))).toEqual({ events: [], refusal: 'factor-is-proved' });
    expect(told(decide('wrong'))).toEqual({ events: ['factor.failed'], refusal: 'factor-wrong' });
  },
);

/** A code of a factor that a rule forbids, which is none: the rule must not tell it from any other wrong code. */
const spentBefore = (states: FactorStates): FactorStates => ({
  ...states,
  use: { ...states.use, used: true },
});
const behindAClosedDoor = (states: FactorStates): FactorStates => ({
  ...states,
  attempts: [{ failedAtMs: [1, 2, 3, 4, 5].map((before) => NOON_MS - before) }, states.attempts[1]],
});
const onAFactor = (held: PersonState, spoil: (states: FactorStates) => FactorStates) => [
  decideRemoveFactor({ ...removingWith(two(held)), factorStates: spoil(with_('maya', two(held))) }),
  decideEnrol({
    ...enrolling(),
    person: held,
    means: { kind: 'factor', shown: shown('maya'), states: spoil(with_('maya', held)) },
  }),
];
test.each([
  ['recovered today', recoveredToday('f-maya')],
  ['recovered, and vouched for by nobody', unvouched('f-maya')],
])(
  'a factor %s: a spent code, and any behind a closed door, are answered as if it were another factor',
  (_, held) => {
    for (const judged of onAFactor(held, spentBefore)) expect(told(judged).refusal).toBe('factor-wrong');
    for (const judged of onAFactor(held, behindAClosedDoor))
      expect(told(judged).refusal).toBe('factor-throttled');
  },
);

/** What no rule forbids, and yet makes no sense as things stand. */
const inVain: readonly (readonly [string, string, ReturnType<typeof decideVouch>])[] = [
  [
    'vouching for somebody with a factor',
    'conflict',
    decideVouch({ ...vouching(), other: person('f-maya') }),
  ],
  [
    'vouching for no recovery',
    'conflict',
    decideVouchRecovery({ ...vouchingRecovery(), other: person('f-maya') }),
  ],
  [
    'vouching for one of two recoveries without naming it',
    'conflict',
    decideVouchRecovery({
      ...vouchingRecovery(),
      other: { ...unvouched('f-a'), factors: { ...unvouched('f-a').factors, ...unvouched('f-b').factors } },
    }),
  ],
  [
    'a return of somebody who never left',
    'conflict',
    decideReturn({ ...leaving(), identities: [{ person: 'p-maya', left: false }] }),
  ],
  ['a reset where there is nothing', 'conflict', decideRequestReset({ ...resetting(), other: nobody })],
  ['a second reset while one waits', 'conflict', decideRequestReset(askedBy('p-bob'))],
  ['confirming what nobody asked for', 'not-found', decideConfirmReset(resetting())],
  [
    'confirming at the millisecond of its end',
    'not-found',
    decideConfirmReset({ ...askedBy('p-bob'), nowMs: NOON_MS + RESET_WAITS_MS }),
  ],
  ['removing a factor of nobody’s', 'not-found', decideRemoveFactor({ ...removing(), remove: 'f-none' })],
];
test.each(inVain)('%s is told so, and changes nothing', (_, refusal, judged) => {
  expect(told(judged)).toEqual({ events: [], refusal });
});

test('a leaving that is recorded already is no error, and written no second time', () => {
  const gone = { ...leaving(), identities: [{ person: 'p-maya', left: true }] };
  expect(told(decideLeave(gone))).toEqual({ events: [], refusal: undefined });
});

test('a reset of somebody who has recovery codes left, and no factor, goes through', () => {
  const other = { ...nobody, recoveryCodes: 3 };
  expect(told(decideRequestReset({ ...resetting(), other })).events).toContain('factor.reset-requested');
});
