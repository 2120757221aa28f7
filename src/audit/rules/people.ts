import type { JudgedEntry } from '../audited-entry.ts';
import { inCommand } from '../command.ts';
import { type Checks, type Hearing, nothing, trial } from '../hearing.ts';
import { areOneHuman, hasLeftSince } from '../one-human.ts';
import { passkeyProofOf } from '../passkey/check-signatures.ts';
import type { EnrolmentCode, PersonFactors } from '../state.ts';
import { emergencySignInChecks, namedBySomePolicy, rememberEmergency } from './emergency-sign-in.ts';
import { SIGN_IN_LEEWAY_MS } from './every-entry.ts';
import {
  codeForPasskeys,
  notProvedHere,
  personRests,
  stillRests,
  stillUnvouched,
  tooWeakForOthers,
} from './factor-proof.ts';
import { countsBack, notEnrolledByProof, unlistedAuthenticator, unsoundPasskey } from './passkeys.ts';
import { LONGEST_STATEMENT_MS } from './statement-frame.ts';

type Authenticated = 'countersign.person.authenticated.v1';
type SignedOut = 'countersign.person.signed-out.v1';
type Vouched = 'countersign.factor.vouched.v1';
type Enrolled = 'countersign.factor.enrolled.v1';
type Removed = 'countersign.factor.removed.v1';
type Used = 'countersign.factor.used.v1';
type FailedCode = 'countersign.factor.failed.v1';

export const judgeAuthenticated = trial<Authenticated, object>({
  subjectOf: namedBySomePolicy,
  checks: {
    'actor-is-the-one-named': ({ data }) =>
      data.by.kind === 'human' && data.by.sign_in === data.sign_in
        ? undefined
        : `it begins ${data.sign_in}, and was recorded in another`,
    ...emergencySignInChecks,
  },
  remember({ seq, data }, { state, findings }) {
    findings.attested.group_memberships++;
    const { sign_in, person, key_thumbprint, expires_at_ms, may, way } = data;
    const signIn = {
      seq,
      person,
      keyThumbprint: key_thumbprint,
      expiresAtMs: expires_at_ms,
      mayOnlyAsk: may === 'ask',
      isEmergency: way === 'passkey',
    };
    state.signIns.set(sign_in, signIn, expires_at_ms + SIGN_IN_LEEWAY_MS);
    rememberEmergency(data, state);
  },
});

export const judgeSignedOut = trial<SignedOut, object>({
  subjectOf: nothing,
  checks: {
    'actor-is-the-one-named': ({ data }, _, { state }) => {
      const whose = state.signIns.get(data.sign_in)?.person ?? data.person;
      return whose === data.person ? undefined : `the sign-in ${data.sign_in} is ${whose}'s`;
    },
  },
  remember({ data }, { state }) {
    const signIn = state.signIns.get(data.sign_in);
    if (signIn === undefined) return;
    const expiresAtMs = Math.min(signIn.expiresAtMs, data.decided_at_ms);
    state.signIns.set(data.sign_in, { ...signIn, expiresAtMs }, expiresAtMs + SIGN_IN_LEEWAY_MS);
  },
});

const DAY_MS = 86_400_000;

const isVouched = (entry: JudgedEntry<Vouched | Removed>, _: unknown, hearing: Hearing) =>
  stillUnvouched(entry, entry.data.proof.factor, hearing);

export const judgeVouched = trial<Vouched, object>({
  subjectOf: nothing,
  checks: {
    'voucher-is-another-human': ({ data }, _, { state }) =>
      data.by.kind !== 'human'
        ? 'only a human vouches'
        : areOneHuman(state, data.voucher, data.person)
          ? `${data.person} vouched for themselves`
          : undefined,
    'factor-is-proved': (entry, _, hearing) => {
      const { proof, person } = entry.data;
      const isAbout = (about: string) => about === person;
      const signed = { act: 'vouch', isActAbout: isAbout, actDigest: null } as const;
      return notProvedHere(entry, { proof, purpose: 'vouch', isAbout, signed }, hearing);
    },
    'factor-is-strong-enough': (entry, _, hearing) => tooWeakForOthers(entry.data.proof, hearing),
    'recovered-factor-rests-a-day': personRests,
    'recovered-factor-is-vouched': isVouched,
    'waiting-is-within-limit': ({ data }) =>
      data.expires_at_ms <= data.decided_at_ms + DAY_MS ? undefined : 'the code is good for more than a day',
  },
  remember({ seq, data }, { state }) {
    const { code, person, voucher, proof, expires_at_ms } = data;
    const made = { seq, person, voucher, factor: proof.factor, expiresAtMs: expires_at_ms };
    state.codes.set(code, made, expires_at_ms);
  },
});

export const judgeEnrolled = trial<Enrolled, object>({
  subjectOf: nothing,
  checks: {
    'enrolment-is-vouched': withoutBasis,
    'factor-is-proved': notEnrolledByProof,
    'passkey-answers-for-passkeys': (entry, _, hearing) => codeForPasskeys(entry, entry.data.proof, hearing),
    'passkey-is-sound': unsoundPasskey,
    'authenticator-is-allowed': unlistedAuthenticator,
    'recovered-factor-rests-a-day': (entry, _, hearing) => {
      const { proof } = entry.data;
      return proof === null ? undefined : stillRests(entry, proof.factor, hearing);
    },
    'recovered-factor-is-vouched': (entry, _, hearing) => {
      const { proof } = entry.data;
      return proof === null ? undefined : stillUnvouched(entry, proof.factor, hearing);
    },
  },
  remember({ seq, data }, { state }) {
    const held = factorsOf(state.people, data.person);
    const older = held.factors.get(data.proof?.factor ?? '');
    // Every enrolment makes new ones, and those before are worth nothing.
    held.recoveryCodes = data.recovery_codes;
    const isUnvouched = data.means === 'recovery-code';
    held.factors.set(data.factor, {
      seq,
      means: data.means,
      enrolledAtMs: data.decided_at_ms,
      passkey: data.passkey,
      isUnvouched,
      isVouchedFor: data.voucher !== null || older?.isVouchedFor === true,
      counter: data.passkey?.counter ?? 0,
    });
    if (data.passkey !== null) state.credentials.set(data.passkey.credential, data.factor);
    if (data.enrolment_code !== null) state.codes.delete(data.enrolment_code);
  },
});

/** More factors than a person needs are more than a person watches. */
const MOST_FACTORS = 5;

function withoutBasis(entry: JudgedEntry<Enrolled>, _: object, hearing: Hearing): string | undefined {
  const { data } = entry;
  const held = hearing.state.people.get(data.person);
  if ((held?.factors.size ?? 0) >= MOST_FACTORS) return `${data.person} had ${MOST_FACTORS} factors`;
  switch (data.means) {
    case 'enrolment-code':
      if ((held?.factors.size ?? 0) > 0) return `${data.person} had a factor, and did not show it`;
      return withoutCode(entry, hearing);
    case 'recovery-code':
      if ((held?.recoveryCodes ?? 0) < 1) return `${data.person} had no recovery code left`;
      return data.voucher === null ? undefined : withoutCode(entry, hearing);
    case 'factor':
      return held?.factors.has(data.proof?.factor ?? '')
        ? undefined
        : 'no other factor of that person was shown for it';
  }
}

function withoutCode({ data }: JudgedEntry<Enrolled>, { state }: Hearing): string | undefined {
  const code = data.enrolment_code === null ? undefined : state.codes.get(data.enrolment_code);
  const isVoid = code !== undefined && (state.voidBefore.get(data.person) ?? -1) > code.seq;
  if (isVoid) return `the enrolment code ${data.enrolment_code} is older than a leaving or a reset`;
  if (code === undefined || code.person !== data.person) {
    return `nobody made the enrolment code ${data.enrolment_code ?? ''} for ${data.person}, or it was used before`;
  }
  if (data.decided_at_ms > code.expiresAtMs) return `the enrolment code ${data.enrolment_code} had expired`;
  if (code.voucher !== data.voucher) return `the code was vouched for by ${code.voucher ?? 'the genesis'}`;
  return code.voucher === null ? undefined : voucherIsGone(code.voucher, code, state);
}

/** Whoever has left, or lost the factor they vouched with, answers for no code of theirs that nobody has used yet. */
function voucherIsGone(
  voucher: string,
  { seq, factor }: EnrolmentCode,
  state: Hearing['state'],
): string | undefined {
  if (hasLeftSince(state, voucher, seq)) return `${voucher}, who vouched for it, has left since`;
  return factor === null || state.people.get(voucher)?.factors.has(factor)
    ? undefined
    : `${factor}, with which ${voucher} vouched for it, is theirs no more`;
}

export const judgeRemoved = trial<Removed, object>({
  subjectOf: nothing,
  checks: {
    'factor-belongs-to-the-person': ({ data }, _, { state }) =>
      state.people.get(data.person)?.factors.has(data.factor)
        ? undefined
        : `${data.person} has no factor ${data.factor}`,
    'last-factor-stays': ({ data }, _, { state }) =>
      (state.people.get(data.person)?.factors.size ?? 0) > 1 ? undefined : 'it was the only one',
    'factor-is-proved': (entry, _, hearing) => {
      const { proof, factor } = entry.data;
      const isAbout = (about: string) => about === factor;
      const signed = { act: 'remove', isActAbout: isAbout, actDigest: null } as const;
      return notProvedHere(entry, { proof, purpose: 'remove', isAbout, signed }, hearing);
    },
    'passkey-answers-for-passkeys': (entry, _, hearing) => codeForPasskeys(entry, entry.data.proof, hearing),
    'recovered-factor-rests-a-day': (entry, _, hearing) =>
      stillRests(entry, entry.data.proof.factor, hearing),
    'recovered-factor-is-vouched': isVouched,
  },
  remember: ({ data }, { state }) => void state.people.get(data.person)?.factors.delete(data.factor),
});

/** A code is taken within its own half minute or the next; then a decision may take half a minute more. */
const stepWindow = { beforeMs: 90_000, afterMs: 30_000 } as const;

const usedRules: Checks<Used, object> = {
  'factor-belongs-to-the-person': ({ data }, _, { state, command }) =>
    state.people.get(data.person)?.factors.has(data.factor) || isEnrolledIn(command, data)
      ? undefined
      : `${data.person} has no factor ${data.factor}`,
  'factor-step-is-spent-once': ({ data }, _, { state }) =>
    state.spentSteps.get(spentKey(data)) === undefined
      ? undefined
      : 'that code or signature was spent before',
  'wrong-codes-are-bounded': (entry, _, hearing) =>
    recentlyWrong(entry, hearing).length < WRONG_CODES
      ? undefined
      : `${entry.data.person} had given ${WRONG_CODES} wrong codes within a quarter of an hour`,
  'factor-is-proved': ({ data }, _, { command }) => {
    const isSigned = data.step === null;
    if (isSigned !== (data.nonce !== null) || isSigned !== (data.counter !== null))
      return 'it is neither a code nor a signature';
    const isCarried = command.entries.some((one) => passkeyProofOf(one)?.nonce === data.nonce);
    return data.nonce === null || isCarried ? undefined : 'no entry of the command holds the signature';
  },
  'passkey-counter-rises': countsBack,
  'factor-step-is-of-its-time': ({ data }) => {
    if (data.step === null) return undefined;
    const away = data.step * 30_000 - data.decided_at_ms;
    return away >= -stepWindow.beforeMs && away <= stepWindow.afterMs
      ? undefined
      : `the code's time is ${away} ms away`;
  },
};

/** A new factor shows its first code in the very command that enrols it. */
function isEnrolledIn(command: Hearing['command'], used: JudgedEntry<Used>['data']): boolean {
  return (
    used.purpose === 'enrol' &&
    inCommand(command, 'countersign.factor.enrolled.v1').some(
      ({ data }) => data.factor === used.factor && data.person === used.person,
    )
  );
}

const QUARTER_MS = 900_000;
const WRONG_CODES = 5;

const recentlyWrong = ({ data }: JudgedEntry<Used | FailedCode>, { state }: Hearing): readonly number[] =>
  (state.wrongCodes.get(data.person) ?? []).filter((atMs) => atMs > data.decided_at_ms - QUARTER_MS);

/** What was guessed is in no entry; how often somebody guessed is. */
export const judgeFailedCode = trial<FailedCode, object>({
  subjectOf: nothing,
  checks: {
    'wrong-codes-are-bounded': (entry, _, hearing) => {
      const count = recentlyWrong(entry, hearing).length + 1;
      if (count > WRONG_CODES) return `it was the wrong code number ${count}`;
      return entry.data.failures === count ? undefined : `it was the wrong code number ${count}`;
    },
  },
  remember(entry, hearing) {
    const { person, decided_at_ms } = entry.data;
    const wrong = [...recentlyWrong(entry, hearing), decided_at_ms];
    hearing.state.wrongCodes.set(person, wrong, decided_at_ms + QUARTER_MS);
  },
});

const spentKey = ({ factor, step, nonce }: JudgedEntry<Used>['data']): string => `${factor}/${step ?? nonce}`;

export const judgeUsed = trial<Used, object>({
  subjectOf: nothing,
  checks: usedRules,
  remember({ data }, { state, findings }) {
    if (data.step === null) findings.signed.passkey_proofs++;
    else findings.attested.totp_proofs++;
    state.spentSteps.set(spentKey(data), true, data.decided_at_ms + LONGEST_STATEMENT_MS);
    const held = state.people.get(data.person)?.factors.get(data.factor);
    if (held !== undefined && data.counter !== null) held.counter = data.counter;
  },
});

export function factorsOf(people: Map<string, PersonFactors>, person: string): PersonFactors {
  const held = people.get(person) ?? { factors: new Map(), recoveryCodes: 0, resets: new Map() };
  people.set(person, held);
  return held;
}
