import type { EventType } from '../../domain/events.ts';
import type { AuditRule } from '../audit-rules.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { actorOf } from '../command.ts';
import type { Hearing } from '../hearing.ts';
import { hasLeft } from '../one-human.ts';
import { ulidTimeMs } from '../ulid-time.ts';
import { streamShouldBe } from './stream-of.ts';

type EveryCheck = (entry: JudgedEntry, hearing: Hearing) => string | undefined;

/** Decisions are taken inside the batch that seals them; sealing and a slow disk may take this long. */
const LONGEST_SEALING_MS = 35_000;
/** A call that is under way when its sign-in ends is still decided. */
export const SIGN_IN_LEEWAY_MS = 60_000;
/** An id is made before its factor and ticket are looked up. */
const ID_TOLERANCE_MS = 300_000;

export const everyEntryRules: readonly (readonly [AuditRule, EveryCheck])[] = [
  ['entry-is-on-its-stream', isOnItsStream],
  ['stream-versions-have-no-gap', hasNoGap],
  ['decision-is-timely', isTimely],
  ['command-has-one-actor', hasOneActor],
  ['actor-is-the-one-named', isTheOneNamed],
  ['actor-is-signed-in', isSignedIn],
  ['sign-in-may-only-ask', isWithinSignIn],
  ['emergency-sign-in-breaks-the-glass', isOfTheEmergency],
  ['person-has-not-left', isStillThere],
  ['id-is-of-its-time', idsAreOfTheirTime],
];

function isOnItsStream(entry: JudgedEntry): string | undefined {
  const expected = streamShouldBe(entry);
  if (expected === undefined || entry.stream === expected) return undefined;
  if (expected.endsWith('/') && entry.stream.startsWith(expected)) return undefined;
  return `it stands on ${entry.stream}; its place is ${expected}`;
}

function hasNoGap(entry: JudgedEntry, { state }: Hearing): string | undefined {
  const before = state.streams.get(entry.stream);
  if (entry.streamVersion === (before ?? 0) + 1) return undefined;
  // Tickets live longer than their streams are remembered; what they say is attested anyway.
  if (before === undefined && entry.stream.startsWith('ticket/')) return undefined;
  return `${entry.stream} goes on with version ${entry.streamVersion} after ${before ?? 'none'}`;
}

function isTimely(entry: JudgedEntry): string | undefined {
  const waited = entry.timeMs - entry.data.decided_at_ms;
  return waited >= 0 && waited <= LONGEST_SEALING_MS
    ? undefined
    : `it was decided ${Math.abs(waited)} ms ${waited < 0 ? 'after' : 'before'} it was sealed`;
}

function hasOneActor(entry: JudgedEntry, { command }: Hearing): string | undefined {
  const [first] = command.entries;
  if (first === undefined || first === entry) return undefined;
  const same =
    first.data.by.kind === entry.data.by.kind &&
    actorOf(first) === actorOf(entry) &&
    first.data.decided_at_ms === entry.data.decided_at_ms;
  return same ? undefined : `the command ${command.id} began as another actor's, or at another time`;
}

/** The field that names who acted, for what only a person does. */
const actorField = {
  'countersign.factor.vouched.v1': 'voucher',
  'countersign.factor.enrolled.v1': 'person',
  'countersign.factor.removed.v1': 'person',
  'countersign.factor.used.v1': 'person',
  'countersign.factor.failed.v1': 'person',
  'countersign.factor.recovery-vouched.v1': 'voucher',
  'countersign.factor.reset-requested.v1': 'requested_by',
  'countersign.factor.reset.v1': 'confirmed_by',
  'countersign.person.authenticated.v1': 'person',
  'countersign.person.left.v1': 'recorded_by',
  'countersign.person.returned.v1': 'recorded_by',
  'countersign.command.refused.v1': 'person',
  'countersign.request.submitted.v1': 'person',
  'countersign.request.reviewed.v1': 'reviewer',
  'countersign.request.nudged.v1': 'person',
  'countersign.request.withdrawn.v1': 'person',
  'countersign.session.opening.v1': 'person',
  'countersign.grant.ended.v1': 'person',
  'countersign.grant.revoke-requested.v1': 'person',
  'countersign.break-glass.used.v1': 'person',
  'countersign.break-glass.reviewed.v1': 'reviewer',
  'countersign.policy.proposed.v1': 'person',
  'countersign.policy.signed.v1': 'signer',
} as const satisfies { readonly [T in EventType]?: string };

function isTheOneNamed(entry: JudgedEntry): string | undefined {
  if (isRefusedAtTheDoor(entry)) {
    return entry.data.by.kind === 'broker' ? undefined : 'nobody acts before they are signed in';
  }
  const field: string | undefined = actorField[entry.type as keyof typeof actorField];
  if (field === undefined) return undefined;
  if (isTurnedAway(entry)) return undefined;
  const data: Readonly<Record<string, unknown>> = entry.data;
  const named = data[field];
  const actor = actorOf(entry);
  return named === actor
    ? undefined
    : `${field} is ${String(named)}, but ${actor ?? `the ${entry.data.by.kind}`} acted`;
}

/** Whoever was not let in did nothing: the broker writes that they tried. */
const isRefusedAtTheDoor = (entry: JudgedEntry): boolean =>
  entry.type === 'countersign.command.refused.v1' && entry.data.attempted === 'sign-in';

/** Somebody who could not even sign in has no sign-in to act in: the broker writes it down. */
const isTurnedAway = (entry: JudgedEntry): boolean =>
  entry.type === 'countersign.command.refused.v1' &&
  entry.data.attempted === 'sign-in' &&
  entry.data.by.kind === 'broker';

function isSignedIn(entry: JudgedEntry, { state }: Hearing): string | undefined {
  const { by, decided_at_ms } = entry.data;
  if (by.kind !== 'human' && by.kind !== 'workload') return undefined;
  if (by.claims_at_ms > decided_at_ms) return 'the groups it rests on were told later';
  if (by.kind === 'workload' || !needsSignIn(entry)) return undefined;
  const signIn = by.sign_in === null ? undefined : state.signIns.get(by.sign_in);
  if (signIn === undefined) return `${by.person} has no sign-in ${by.sign_in ?? ''} that is still valid`;
  if (signIn.person !== by.person) return `the sign-in ${by.sign_in} is that of ${signIn.person}`;
  if ((state.voidBefore.get(by.person) ?? -1) > signIn.seq)
    return `the sign-in ${by.sign_in} ended when ${by.person} left or was reset`;
  return decided_at_ms > signIn.expiresAtMs + SIGN_IN_LEEWAY_MS
    ? `the sign-in ${by.sign_in} had expired`
    : undefined;
}

/** All that comes of asking: the ask, what was looked up and shown for it, its end, and what was refused. */
const comesOfAsking: ReadonlySet<EventType> = new Set<EventType>([
  'countersign.person.authenticated.v1',
  'countersign.person.signed-out.v1',
  'countersign.request.submitted.v1',
  'countersign.request.approved.v1',
  'countersign.request.withdrawn.v1',
  'countersign.ticket.checked.v1',
  'countersign.factor.used.v1',
  'countersign.factor.failed.v1',
  'countersign.command.refused.v1',
]);

function isWithinSignIn(entry: JudgedEntry, { state }: Hearing): string | undefined {
  const { by } = entry.data;
  if (by.kind !== 'human' || by.sign_in === null || comesOfAsking.has(entry.type)) return undefined;
  return state.signIns.get(by.sign_in)?.mayOnlyAsk === true
    ? `the sign-in ${by.sign_in} was let in from elsewhere, to ask and no more`
    : undefined;
}

/** All that comes of an emergency, and of taking access away. */
const comesOfEmergency: ReadonlySet<EventType> = new Set<EventType>([
  'countersign.person.authenticated.v1',
  'countersign.person.signed-out.v1',
  'countersign.request.approved.v1',
  'countersign.request.cancelled.v1',
  'countersign.ticket.checked.v1',
  'countersign.break-glass.used.v1',
  'countersign.session.opening.v1',
  'countersign.session.opened.v1',
  'countersign.session.failed.v1',
  'countersign.grant.ended.v1',
  'countersign.grant.revoke-requested.v1',
  'countersign.grant.revoke-confirmed.v1',
  'countersign.grant.cut-off.v1',
  'countersign.factor.used.v1',
  'countersign.factor.failed.v1',
  'countersign.command.refused.v1',
]);

function isOfTheEmergency(entry: JudgedEntry, { state }: Hearing): string | undefined {
  const { by } = entry.data;
  if (by.kind !== 'human' || by.sign_in === null || comesOfEmergency.has(entry.type)) return undefined;
  if (entry.type === 'countersign.request.submitted.v1' && entry.data.break_glass !== null) return undefined;
  return state.signIns.get(by.sign_in)?.isEmergency === true
    ? `nothing but a passkey stood for the sign-in ${by.sign_in}, and this is no part of an emergency`
    : undefined;
}

/** What may still be written of somebody who has left: that they were refused, and how things that they began ended. */
const stillWritten: ReadonlySet<EventType> = new Set<EventType>([
  'countersign.command.refused.v1',
  'countersign.factor.failed.v1',
  'countersign.person.signed-out.v1',
  'countersign.session.opened.v1',
  'countersign.session.failed.v1',
]);

function isStillThere(entry: JudgedEntry, { state }: Hearing): string | undefined {
  if (state.left.size === 0 || stillWritten.has(entry.type)) return undefined;
  const actor = actorOf(entry);
  return actor !== undefined && hasLeft(state, actor) ? `${actor} has left` : undefined;
}

/** Signing in begins it; what became of a session is recorded on behalf of whoever waited, there or not. */
const needsSignIn = ({ type }: JudgedEntry): boolean =>
  type !== 'countersign.person.authenticated.v1' &&
  type !== 'countersign.session.opened.v1' &&
  type !== 'countersign.session.failed.v1';

function idsAreOfTheirTime(entry: JudgedEntry): string | undefined {
  const id = newId(entry);
  if (id === undefined) return undefined;
  const apart = Math.abs(ulidTimeMs(id) - entry.data.decided_at_ms);
  return apart <= ID_TOLERANCE_MS
    ? undefined
    : `the id ${id} was not made at that time: it may have been used before`;
}

function newId(entry: JudgedEntry): string | undefined {
  switch (entry.type) {
    case 'countersign.request.submitted.v1':
      return entry.data.request;
    case 'countersign.request.approved.v1':
      return entry.data.grant;
    case 'countersign.session.opening.v1':
      return entry.data.session;
    default:
      return undefined;
  }
}
