import type { JudgedEntry } from '../audited-entry.ts';
import { type Checks, type Hearing, notCheckable, nothing, type Unheard } from '../hearing.ts';
import type { AuditState } from '../state.ts';
import { notProvedHere, stillUnvouched } from './factor-proof.ts';

type Authenticated = 'countersign.person.authenticated.v1';
type Entry = JudgedEntry<Authenticated>;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MOST_IN_AN_HOUR = 10;

/** Whom a passkey alone may sign in, the policy says. */
export const namedBySomePolicy = ({ data }: Entry, { state: { policy } }: Hearing): object | Unheard =>
  data.proof !== null && policy !== undefined && policy.policy === undefined
    ? notCheckable(`the policy in force, ${policy.digest}, is missing`)
    : nothing();

/** Of a sign-in that rests on a passkey alone; of every other, that it names none. */
export const emergencySignInChecks: Checks<Authenticated, object> = {
  'factor-is-proved': withoutSignature,
  'recovered-factor-is-vouched': (entry, _, hearing) =>
    entry.data.proof === null ? undefined : stillUnvouched(entry, entry.data.proof.factor, hearing),
  'person-is-named-for-outages': ({ data }, _, { state }) => {
    if (data.proof === null || data.by.kind !== 'human') return undefined;
    if (!isNamed(state, data.person)) return `the policy does not name ${data.person} for an outage`;
    const ageMs = data.decided_at_ms - data.by.claims_at_ms;
    return ageMs <= DAY_MS ? undefined : `the identity provider had last told of them ${ageMs} ms before`;
  },
  'emergency-sign-ins-are-bounded': ({ data }, _, { state }) => {
    if (data.proof === null) return undefined;
    const lastsMs = data.expires_at_ms - data.decided_at_ms;
    if (lastsMs > HOUR_MS) return `it lasts ${lastsMs} ms`;
    const before = recentWith(data.proof.factor, data.decided_at_ms, state).length;
    return before < MOST_IN_AN_HOUR ? undefined : `${data.proof.factor} had made ${before} within an hour`;
  },
};

function withoutSignature(entry: Entry, _: object, hearing: Hearing): string | undefined {
  const { proof, way, person } = entry.data;
  if ((way === 'passkey') !== (proof !== null))
    return 'it rests on a passkey alone and holds none, or the reverse';
  if (proof === null) return undefined;
  if (proof.kind !== 'passkey') return 'a code alone signs nobody in';
  const page = hearing.state.people.get(person)?.factors.get(proof.factor)?.passkey?.origin;
  const isAbout = (about: string) => about === page;
  const signed = { act: 'sign-in', isActAbout: isAbout, actDigest: null } as const;
  return notProvedHere(entry, { proof, purpose: 'sign-in', isAbout, signed }, hearing);
}

const isNamed = ({ policy }: AuditState, person: string): boolean =>
  Object.values(policy?.policy?.entitlements ?? {}).some(
    ({ break_glass }) =>
      break_glass?.without.includes('identity-provider') === true &&
      break_glass.named?.includes(person) === true,
  );

const recentWith = (factor: string, nowMs: number, { emergencySignIns }: AuditState): readonly number[] =>
  (emergencySignIns.get(factor) ?? []).filter((atMs) => atMs > nowMs - HOUR_MS);

export function rememberEmergency({ proof, decided_at_ms }: Entry['data'], state: AuditState): void {
  if (proof === null) return;
  const recent = [...recentWith(proof.factor, decided_at_ms, state), decided_at_ms];
  state.emergencySignIns.set(proof.factor, recent, decided_at_ms + HOUR_MS);
}
