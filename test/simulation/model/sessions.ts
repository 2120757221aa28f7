import { type CloudSession, worksAt } from '../cloud.ts';
import type { World } from '../world.ts';
import type { History, Told } from './history.ts';
import type { Law } from './law.ts';
import { LOOK_MS, ruleText, wasInOne } from './membership.ts';

type Approved = Told<'countersign.request.approved.v1'>;
type Opening = Told<'countersign.session.opening.v1'>;

const DAY_MS = 86_400_000;

const ofGrant = <T extends { readonly grant: string }>(all: readonly T[], grant: string): readonly T[] =>
  all.filter((one) => one.grant === grant);

/** When somebody, or the broker, said that this grant is over: the first such entry. */
function overSeq(history: History, grant: string): number {
  const ends = [
    ...ofGrant(history.of('countersign.grant.ended.v1'), grant),
    ...ofGrant(history.of('countersign.grant.revoke-requested.v1'), grant),
    ...ofGrant(history.of('countersign.grant.cut-off.v1'), grant),
    ...ofGrant(history.of('countersign.grant.expired.v1'), grant),
  ];
  return Math.min(...ends.map(({ seq }) => seq));
}

/** Counted from the second in which it was first used. */
const lastsUntil = (usedAtMs: number, { seconds }: Approved): number =>
  usedAtMs + seconds * 1000 - (usedAtMs % 1000);

/** The grant's end as it stood just before an entry: from the first opening that was not certainly in vain. */
export function endBefore(history: History, granted: Approved, seq: number): number | undefined {
  const failed = new Set(
    ofGrant(history.of('countersign.session.failed.v1'), granted.grant)
      .filter((one) => one.certain && one.seq < seq)
      .map(({ session }) => session),
  );
  const tried = ofGrant(history.of('countersign.session.opening.v1'), granted.grant).filter(
    (one) => one.seq < seq,
  );
  // Once all have failed for certain the clock begins anew; what was tried before then counts no more.
  const started = tried.reduce<Opening | undefined>((first, one) => {
    const allFailed = tried.filter(({ seq: at }) => at < one.seq).every(({ session }) => failed.has(session));
    return allFailed ? one : first;
  }, undefined);
  const live =
    started !== undefined && !failed.has(started.session)
      ? started
      : tried.find(({ session }) => !failed.has(session));
  return live && lastsUntil(live.decided_at_ms, granted);
}

export const openingsAreAllowed: Law = {
  name: 'openings-are-allowed',
  *breaches(world, history) {
    for (const opening of history.of('countersign.session.opening.v1')) {
      for (const why of wrongWith(world, history, opening))
        yield `#${opening.seq} (${opening.grant}): ${why}`;
    }
  },
};

function* wrongWith(world: World, history: History, opening: Opening): Iterable<string> {
  const granted = history.grant(opening.grant);
  const asked = history.request(opening.request);
  if (granted === undefined || asked === undefined || granted.seq > opening.seq) {
    yield 'there is no such grant';
    return;
  }
  if (opening.person !== granted.person || personOf(opening) !== granted.person)
    yield `${opening.person} opened what ${granted.person} holds`;
  if (overSeq(history, opening.grant) < opening.seq) yield 'it was over already';
  yield* wrongMoment(history, opening, granted);
  yield* wrongPolicy(world, history, opening, granted);
  if (opening.proof === null && opening.by.kind === 'human') yield 'no factor was shown for it';
  if (!sameScope(opening, granted)) yield 'more was sent to the cloud than was approved';
}

const personOf = ({ by }: Opening): string | undefined =>
  by.kind === 'human' || by.kind === 'workload' ? by.person : undefined;

function* wrongMoment(history: History, opening: Opening, granted: Approved): Iterable<string> {
  const atMs = opening.decided_at_ms;
  if (granted.starts_at_ms !== null && atMs < granted.starts_at_ms) yield 'it had not begun';
  const endMs = endBefore(history, granted, opening.seq);
  if (endMs === undefined ? atMs >= granted.activate_by_ms : atMs >= endMs) yield 'its time was over';
  const lastMs = endMs ?? lastsUntil(atMs, granted);
  if (opening.earliest_end_ms > lastMs) yield `credentials were to work until after the grant's end`;
}

function* wrongPolicy(world: World, history: History, opening: Opening, granted: Approved): Iterable<string> {
  const asked = history.request(opening.request);
  const [then, now] = [history.policyBefore(granted.seq), history.policyBefore(opening.seq)];
  if (asked === undefined || then === undefined || now === undefined) {
    yield 'no policy was in force';
    return;
  }
  if (ruleText(then, asked.entitlement) !== ruleText(now, asked.entitlement))
    yield 'the rule has changed since the approval';
  const eligible = now.entitlements[asked.entitlement]?.eligible ?? [];
  const slack = asked.break_glass?.marks.includes('membership-cached') ? DAY_MS : LOOK_MS;
  const isMember =
    opening.by.kind === 'workload' ||
    wasInOne(world, now, opening.person, eligible, opening.decided_at_ms, slack);
  if (!isMember) yield `${opening.person} was not eligible any more`;
}

/** Token: the claims say it; AWS: the session policy does. */
function sameScope({ parameters, provider }: Opening, granted: Approved): boolean {
  const allowed = granted.scope.map(({ action, resource }) => `${action} ${resource}`);
  const sent =
    provider === 'token' ? claimed(parameters['permissions']) : allowedBy(String(parameters['policy']));
  return sent.length > 0 && sent.every((one) => allowed.includes(one));
}

function claimed(permissions: unknown): readonly string[] {
  const texts = Array.isArray(permissions) ? (permissions as readonly string[]) : [];
  return texts.map((text) => {
    const { action, resource } = JSON.parse(text) as { action: string; resource: string };
    return `${action} ${resource}`;
  });
}

function allowedBy(text: string): readonly string[] {
  const { Statement } = JSON.parse(text) as { Statement: { Action: string[]; Resource: string[] }[] };
  return Statement.flatMap(({ Action, Resource }) =>
    Action.flatMap((action) => Resource.map((resource) => `${action} ${resource}`)),
  );
}

export const everySessionIsAccountedFor: Law = {
  name: 'every-session-is-accounted-for',
  *breaches(world, history) {
    const openings = new Map(history.of('countersign.session.opening.v1').map((one) => [one.session, one]));
    const failed = new Map(history.of('countersign.session.failed.v1').map((one) => [one.session, one]));
    const opened = new Set(history.of('countersign.session.opened.v1').map((one) => one.session));
    for (const { session, cloudSession, sizeAtBirth } of world.cloud.sessions) {
      const opening = openings.get(session);
      if (opening === undefined || opening.seq >= sizeAtBirth)
        yield `${cloudSession} came into being before the log knew of it`;
      else if (failed.get(session)?.certain === true)
        yield `${cloudSession} exists, and the log says it does not`;
      else if (!opened.has(session) && !failed.has(session))
        yield `${cloudSession} exists, and the log never said what became of it`;
    }
    const names = world.cloud.sessions.map(({ session }) => session);
    if (new Set(names).size < names.length) yield 'one opening made two sessions';
  },
};

export const sessionsEndWithTheirGrant: Law = {
  name: 'sessions-end-with-their-grant',
  *breaches(world, history) {
    for (const session of world.cloud.sessions) {
      const granted = history.grant(session.grant);
      const endMs = granted && endBefore(history, granted, history.size);
      if (endMs === undefined || session.usableUntilMs > endMs)
        yield `${session.cloudSession} could be used after the end of ${session.grant}`;
      yield* outlived(history, session);
      if (worksAt(session, world.time.nowMs)) yield `${session.cloudSession} works a day later`;
    }
  },
};

/** What the log says was seen of a revocation, and the cloud does not. */
function* outlived(history: History, { grant, cloudSession, endedMs }: CloudSession): Iterable<string> {
  for (const { seq, seen } of ofGrant(history.of('countersign.grant.revoke-confirmed.v1'), grant)) {
    if (seen === 'never-opened') yield `#${seq}: ${grant} was opened, as ${cloudSession}`;
    if (seen === 'introspection' && endedMs === null)
      yield `#${seq}: ${cloudSession} works after its revocation was confirmed`;
  }
}

export const credentialsAreDeliveredUnderALiveGrant: Law = {
  name: 'credentials-are-delivered-under-a-live-grant',
  *breaches(world, history) {
    const opened = history.of('countersign.session.opened.v1');
    for (const given of world.deliveries) {
      const entry = opened.find(({ session }) => session === given.session);
      const granted = history.grant(given.grant);
      if (entry === undefined || granted === undefined || entry.seq >= given.size) {
        yield `${given.session} was handed out before the log said so`;
        continue;
      }
      if (granted.person !== given.person) yield `${given.session} was handed to ${given.person}`;
      if (entry.cloud_session !== given.token) yield `${given.session} was handed out as ${given.token}`;
      if (overSeq(history, given.grant) < entry.seq)
        yield `${given.session} was handed out after its grant was over`;
      const endMs = endBefore(history, granted, entry.seq) ?? 0;
      if (entry.decided_at_ms >= endMs) yield `${given.session} was handed out after its grant's end`;
    }
    const tokens = world.deliveries.map(({ token }) => token);
    if (new Set(tokens).size < tokens.length) yield 'one secret was handed out twice';
  },
};

export const everythingComesToItsEnd: Law = {
  name: 'everything-comes-to-its-end',
  *breaches(world, history) {
    for (const [stream, atMs] of world.database.deadlines)
      yield `${stream} waits for ${new Date(atMs).toISOString()} for ever`;
    const decided = new Set([
      ...history.of('countersign.request.approved.v1').map(({ request }) => request),
      ...history.of('countersign.request.expired.v1').map(({ request }) => request),
      ...history.of('countersign.request.withdrawn.v1').map(({ request }) => request),
      ...history.of('countersign.request.cancelled.v1').map(({ request }) => request),
      ...history
        .of('countersign.request.reviewed.v1')
        .filter(({ verdict }) => verdict === 'deny')
        .map(({ request }) => request),
    ]);
    for (const { request } of history.of('countersign.request.submitted.v1'))
      if (!decided.has(request)) yield `${request} is pending a day later`;
    for (const { grant } of history.of('countersign.request.approved.v1'))
      if (overSeq(history, grant) === Number.POSITIVE_INFINITY) yield `${grant} is never over`;
  },
};
