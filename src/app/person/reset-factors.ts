import type { Actor } from '../../domain/actor.ts';
import { type PersonId, type ResetId, streams } from '../../domain/ids.ts';
import { decideConfirmReset, decideRequestReset, RESET_WAITS_MS } from '../../domain/person/reset.ts';
import { hasLostFactorOf } from '../../domain/person/stands-by.ts';
import { type PendingReset, personFold } from '../../domain/person/state.ts';
import type { Humans } from '../../domain/policy/humans.ts';
import { own } from '../../domain/policy/own.ts';
import { policyFold } from '../../domain/policy-change/state.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { leftSince } from '../grant/who-left.ts';
import { underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf } from '../prepared.ts';
import { administration } from './administration.ts';
import { allSecretsOf, endedSignIns, forgetSignIns } from './end-sign-ins.ts';
import type { FactorGiven } from './factor.ts';
import { prepareAbout } from './prepare-about.ts';

export interface RequestedReset {
  readonly reset: ResetId;
  readonly expires_at_ms: number;
  readonly entries: readonly number[];
}

/** One administrator asks that somebody's factors be taken away. A second one has a day to confirm it. */
export const requestReset = (
  broker: Broker,
  actor: Actor,
  about: PersonId,
  given: { readonly reason: string } & FactorGiven,
): Promise<RequestedReset> =>
  underOnePolicy(async () => {
    const prepared = await prepare(broker, actor, about, given, []);
    const reset: ResetId = `x-${broker.random.ulid(prepared.nowMs)}`;
    const command = commandOf<RequestedReset>({
      ...prepared.command,
      judge: (view, nowMs) =>
        decideRequestReset({ ...prepared.input(view, nowMs), reset, reason: given.reason }),
      result: ({ entries }) => ({
        reset,
        expires_at_ms: prepared.nowMs + RESET_WAITS_MS,
        entries: entries.map(({ seq }) => seq),
      }),
    });
    return broker.sequencer.submit(command);
  });

/** The second administrator confirms. What the person enrols next has to be vouched for like a first factor. */
export async function confirmReset(
  broker: Broker,
  actor: Actor,
  about: PersonId,
  reset: ResetId,
  given: FactorGiven,
): Promise<readonly number[]> {
  const made = await underOnePolicy(async () => {
    const view = await broker.sequencer.read([streams.person(about)]);
    const asked = own(view.state(personFold, streams.person(about)).resets, reset);
    const requesters = asked === undefined ? [] : [asked.requestedBy];
    const prepared = await prepare(broker, actor, about, given, requesters);
    const secrets = [
      ...(await allSecretsOf(broker, about, FACTOR_KINDS)),
      ...(await endedSignIns(broker, about)),
    ];
    const command = commandOf<readonly number[]>({
      ...prepared.command,
      judge(decided, nowMs) {
        const input = prepared.input(decided, nowMs);
        const requesterStands = asked === undefined || standsStill(decided, input.humans, asked);
        const judged = decideConfirmReset({ ...input, reset, requesterStands });
        return judged.refusal === undefined ? { ...judged, secrets } : judged;
      },
      result: ({ entries }) => entries.map(({ seq }) => seq),
    });
    return broker.sequencer.submit(command);
  });
  await forgetSignIns(broker, about);
  return made;
}

/** What was asked for and not confirmed falls with whoever asked, and with the factor they asked with. */
const standsStill = (view: View, humans: Humans, asked: PendingReset): boolean =>
  !leftSince(view, humans, asked.requestedBy, asked.seq) &&
  !hasLostFactorOf(view.state(personFold, streams.person(asked.requestedBy)), asked);

/** A seed or a code that came into the store meanwhile belongs to no factor and no promise that the log still knows. */
const FACTOR_KINDS = [
  'totp-seed',
  'totp-seed-pending',
  'passkey-pending',
  'recovery-code',
  'enrolment-code',
] as const;

async function prepare(
  broker: Broker,
  actor: Actor,
  about: PersonId,
  given: FactorGiven,
  requesters: readonly string[],
) {
  const { command, input, ...prepared } = await prepareAbout(broker, actor, about, given, requesters);
  return {
    ...prepared,
    command: { ...command, streams: ['log' as const, ...command.streams] },
    input: (view: View, nowMs: number) => ({
      ...input(view, nowMs),
      ...administration(view, prepared.known, actor, nowMs),
      about,
      policyPublishedAtMs: view.state(policyFold, 'policy').publishedAtMs,
    }),
  };
}
