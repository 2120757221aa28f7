import type { Actor } from '../domain/actor.ts';
import { byOf } from '../domain/actor.ts';
import type { Draft } from '../domain/draft.ts';
import { Failure } from '../domain/errors.ts';
import { type StreamId, streams } from '../domain/ids.ts';
import type { Judgement } from '../domain/judgement.ts';
import { withinSignInRules } from '../domain/person/sign-in-may-only-ask.ts';
import { isSignedIn, personFold, signInFold } from '../domain/person/state.ts';
import { groupsOf } from '../domain/policy/membership.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { refusalsStream, refuse } from '../domain/refusal.ts';
import { type Broken, firstBroken } from '../domain/rule.ts';
import type { Command, Decision, Receipt, View } from './command.ts';
import { refusalsState } from './person/factor.ts';

/** The policy's groups a person is in now. A workload is in none: it is named itself. */
export function groupsNow(policy: Policy, actor: Actor, nowMs: number): readonly string[] {
  if (actor.kind === 'workload') return [];
  return groupsOf(policy, { issuer: actor.issuer, idp_groups: actor.idpGroups, person: actor.person }, nowMs);
}

export interface Idempotency {
  readonly key: string;
  readonly digest: string;
}

/** A command whose decision is one judgement of the domain. */
export function commandOf<Result>(input: {
  readonly actor: Actor;
  readonly streams: readonly StreamId[];
  readonly factsAtMs: number | null;
  readonly idempotency: Idempotency | undefined;
  readonly about: string | undefined;
  readonly judge: (
    view: View,
    nowMs: number,
  ) => Judgement & Partial<Pick<Decision<Result>, 'secrets' | 'attachments'>>;
  readonly result: (receipt: Receipt) => Result;
  readonly replay?: (about: string) => Result;
}): Command<Result> {
  return {
    by: byOf(input.actor),
    streams: [...new Set([...input.streams, ...signInStreams(input.actor)])],
    factsAtMs: input.factsAtMs,
    ...(input.idempotency === undefined ? {} : { idempotency: input.idempotency }),
    ...(input.replay === undefined ? {} : { replay: input.replay }),
    decide(view, nowMs) {
      requireSignedIn(view, input.actor, nowMs);
      requireFreshClaims(input.actor, nowMs);
      const { events, refusal, secrets, attachments } = input.judge(view, nowMs);
      const beyond = beyondSignIn(view, input.actor, events);
      if (beyond !== undefined) return refusedMoreThanAsk(view, input, beyond, nowMs);
      return {
        events,
        ...(secrets === undefined ? {} : { secrets }),
        ...(attachments === undefined ? {} : { attachments }),
        ...(refusal === undefined ? {} : { refusal }),
        ...(input.about === undefined ? {} : { about: input.about }),
        result: input.result,
      };
    },
  };
}

/** A leaving or a reset ends every sign-in of a person: it stands on the stream of the person. */
const signInStreams = (actor: Actor): readonly StreamId[] =>
  actor.signIn === null ? [] : [streams.signIn(actor.signIn), streams.person(actor.person)];

/** No issuer is asked less often than each quarter of an hour; proving and deciding take a minute more. */
const FRESH_FOR_MS = 900_000 + 60_000;

/** Told just now, and old when it is decided on: a process can be paused in between, a command can wait. */
function requireFreshClaims({ kind, membership, claimsAtMs }: Actor, nowMs: number): void {
  if (kind === 'workload' || membership === 'cached' || nowMs <= claimsAtMs + FRESH_FOR_MS) return;
  throw new Failure('stale', 'Your groups were looked up too long ago; nothing was decided.', {
    mend: 'Try again.',
  });
}

/**
 * A token is looked at before the decision; whoever signed out since, of fear for it, is obeyed at once, and so is an
 * administrator who recorded meanwhile that they have left.
 */
function requireSignedIn(view: View, actor: Actor, nowMs: number): void {
  if (actor.signIn === null && actor.kind === 'workload') return;
  const signIn = actor.signIn === null ? undefined : view.state(signInFold, streams.signIn(actor.signIn));
  const person = view.state(personFold, streams.person(actor.person));
  if (signIn?.person === actor.person && isSignedIn(signIn, person, nowMs)) return;
  throw new Failure('not-signed-in', 'This sign-in has ended.', {
    mend: 'Sign in again: `countersign login`.',
  });
}

/** By the entry that began the sign-in: no token, and no row of one, says what may be done in it. */
function beyondSignIn(view: View, { signIn }: Actor, events: readonly Draft[]): Broken | undefined {
  if (signIn === null) return undefined;
  const state = view.state(signInFold, streams.signIn(signIn));
  return firstBroken(withinSignInRules, { signIn: state, events });
}

/** What was judged is dropped, whole; a command that can write refusals writes this one. */
function refusedMoreThanAsk<Result>(
  view: View,
  {
    actor,
    streams: read,
    result,
  }: { actor: Actor; streams: readonly StreamId[]; result: Decision<Result>['result'] },
  broken: Broken,
  nowMs: number,
): Decision<Result> {
  const refusal = mayOnlyAsk(broken);
  if (!read.includes(refusalsStream(actor.person, nowMs))) throw refusal;
  const refusals = refusalsState(view, actor.person, nowMs);
  const attempt = { actor, attempted: 'more-than-ask', about: null, refusals, nowMs } as const;
  return { events: refuse(attempt, broken).events, refusal, result };
}

export const mayOnlyAsk = ({ rule, because }: Broken): Failure =>
  new Failure('refused-by-rule', because, {
    rule,
    mend: 'Sign in anew, in a browser and through your identity provider, and do it there.',
  });
