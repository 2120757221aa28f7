import type { Channel, Policy } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { type Checks, type Hearing, notCheckable, trial, type Unheard } from '../hearing.ts';
import { isOver } from '../membership.ts';
import { openStage, type RequestState } from '../state.ts';
import { type Known, knownRequest } from './known-request.ts';

type Nudged = 'countersign.request.nudged.v1';
type NudgedEntry = JudgedEntry<Nudged>;

interface Reminded extends Known {
  readonly policy: Policy;
}

const MOST = 3;
const APART_MS = 3_600_000;
const FIRST_AFTER_MS = 900_000;

const checks: Checks<Nudged, Reminded> = {
  'request-is-pending': ({ data }, { request }) =>
    request.outcome !== 'pending'
      ? `it was ${request.outcome}`
      : data.decided_at_ms >= request.reviewByMs
        ? 'its time for review had passed'
        : undefined,
  'request-belongs-to-the-caller': ({ data }, { request }) =>
    [request.person, ...request.people].includes(data.person)
      ? undefined
      : `${data.person} neither asked for it nor gets it`,
  'policy-is-in-force': ({ data }, _, { state }) =>
    data.policy_digest === state.policy?.digest ? undefined : `in force is ${state.policy?.digest}`,
  'stages-come-in-order': ({ data }, { request }) => {
    const open = openStage(request)?.stage;
    return data.stage === open
      ? undefined
      : `stage ${data.stage} was reminded while stage ${open ?? 'none'} was open`;
  },
  'nudges-are-bounded': ({ data }, { request }) => {
    if (request.nudgedAtMs.length >= MOST) return `there were ${MOST} before`;
    const waitedMs = data.decided_at_ms - (openStage(request)?.sinceMs ?? data.decided_at_ms);
    if (waitedMs < FIRST_AFTER_MS) return `it had been their turn for ${waitedMs} ms`;
    const last = request.nudgedAtMs.at(-1) ?? Number.NEGATIVE_INFINITY;
    return data.decided_at_ms - last < APART_MS
      ? `the last was ${data.decided_at_ms - last} ms before`
      : undefined;
  },
  'nudge-is-heard': (entry, { request, policy }) =>
    differs('the groups', entry.data.hear, turnOf(entry, request, policy)) ??
    differs('the ways', entry.data.channels, waysIn(policy)),
};

const waysIn = ({ notify }: Policy): readonly Channel[] => notify?.reviewers ?? [];

/** Whose turn it is at that moment, with those it has escalated to, and with whoever stands in for either that day. */
function turnOf({ data }: NudgedEntry, request: RequestState, policy: Policy): readonly string[] {
  const atMs = data.decided_at_ms;
  const stage = request.stages[data.stage];
  if (stage === undefined) return [];
  const sinceMs = openStage(request)?.sinceMs ?? atMs;
  const hasEscalated = stage.escalate !== null && atMs >= sinceMs + stage.escalate.after_seconds * 1000;
  const asked = [stage.from, ...(stage.escalate !== null && hasEscalated ? [stage.escalate.to] : [])];
  const inTheirPlace = (policy.delegates ?? []).filter(
    (one) =>
      asked.includes(one.for) && atMs >= Date.parse(`${one.from}T00:00:00.000Z`) && !isOver(one.until, atMs),
  );
  return [...asked, ...inTheirPlace.map(({ to }) => to)];
}

function differs(what: string, told: readonly string[], should: readonly string[]): string | undefined {
  const [named, wanted] = [told.join(', '), [...new Set(should)].join(', ')];
  return named === wanted && named !== '' ? undefined : `${what} are ${wanted || 'none'}`;
}

function reminded(entry: NudgedEntry, hearing: Hearing): Reminded | Unheard {
  const known = knownRequest(entry, hearing);
  const policy = hearing.state.policy?.policy;
  if ('unheard' in known) return known;
  return policy === undefined ? notCheckable('the policy in force is missing') : { ...known, policy };
}

/** Who then heard of it, and when, the entries on notifications say. */
export const judgeNudged = trial<Nudged, Reminded>({
  subjectOf: reminded,
  checks,
  remember: ({ data }, { state }) =>
    void state.requests.get(data.request)?.nudgedAtMs.push(data.decided_at_ms),
});
