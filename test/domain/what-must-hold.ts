import type { EventType, StoredData } from '../../src/domain/events.ts';

/** One entry of the log, as the model sees it. */
export interface Told {
  readonly seq: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The entries of one type; the log's schema gave them their form before they were sealed. */
export const told = <T extends EventType>(entries: readonly Told[], type: T) =>
  entries.filter((entry) => entry.type === type) as unknown as {
    readonly seq: number;
    readonly data: StoredData<T>;
  }[];

export interface World {
  readonly groupsOf: (person: string) => readonly string[];
  readonly declared: (entitlement: string) => readonly Line[];
  readonly aimedAt: ReadonlySet<string>;
  readonly delivered: readonly { readonly grant: string; readonly size: number; readonly atMs: number }[];
}

interface Line {
  readonly action: string;
  readonly resource: string;
}

/**
 * A second, much simpler opinion on a log: plain loops over entries, nothing shared with the rules or the audit. Gives
 * a sentence for each promise that was broken.
 */
export function brokenPromises(entries: readonly Told[], world: World): string[] {
  return [
    ...enoughOthersSigned(entries, world),
    ...nothingGrew(entries, world),
    ...nothingAfterTheEnd(entries),
    ...clockRunsFromTheFirstSession(entries),
    ...codesAreSpentOnce(entries),
    ...fiveWrongCodesCloseTheDoor(entries),
    ...onlyWhatWasAimedAtEnded(entries, world),
    ...nothingLeftAfterTheEnd(entries, world),
  ];
}

const submittedOf = (entries: readonly Told[], request: string) => {
  const found = told(entries, 'countersign.request.submitted.v1').find(
    ({ data }) => data.request === request,
  );
  if (found === undefined) throw new Error(`${request} was never asked for`);
  return found.data;
};

const approvals = (entries: readonly Told[], request: string, before: number) =>
  told(entries, 'countersign.request.reviewed.v1')
    .filter(({ seq, data }) => seq < before && data.request === request && data.verdict === 'approve')
    .map(({ data }) => data);

function enoughOthersSigned(entries: readonly Told[], { groupsOf }: World): string[] {
  return told(entries, 'countersign.request.approved.v1').flatMap(({ seq, data: { request } }) => {
    const asked = submittedOf(entries, request);
    if (asked.break_glass !== null) return [];
    const reviewers = approvals(entries, request, seq).map(({ reviewer }) => reviewer);
    const needed = asked.stages.reduce((sum, { people }) => sum + people, 0);
    const broken: string[] = [];
    if (new Set(reviewers).size < needed)
      broken.push(`${request} was approved with ${reviewers.length} of ${needed}`);
    if (reviewers.includes(asked.person)) broken.push(`${request} was approved by whoever asked for it`);
    asked.stages.forEach(({ from, people }) => {
      const members = reviewers.filter((reviewer) => groupsOf(reviewer).includes(from));
      if (members.length < people) broken.push(`${request} lacks somebody of ${from}`);
    });
    return broken;
  });
}

const covers = (wide: readonly Line[], { action, resource }: Line): boolean =>
  wide.some(
    (line) =>
      line.action === action &&
      (line.resource === resource ||
        (line.resource.endsWith('/*') && resource.startsWith(line.resource.slice(0, -1)))),
  );

function nothingGrew(entries: readonly Told[], { declared }: World): string[] {
  return told(entries, 'countersign.request.approved.v1').flatMap(({ seq, data }) => {
    const asked = submittedOf(entries, data.request);
    const signed = approvals(entries, data.request, seq);
    const wider = [asked.scope, declared(asked.entitlement), ...signed.map(({ scope }) => scope)];
    const longest = Math.min(asked.seconds, ...signed.map(({ seconds }) => seconds));
    const grew =
      data.scope.length === 0 || data.scope.some((line) => wider.some((wide) => !covers(wide, line)));
    return [
      ...(grew ? [`${data.grant} has more than was signed`] : []),
      ...(data.seconds > longest ? [`${data.grant} is longer`] : []),
    ];
  });
}

const endings = [
  'countersign.grant.ended.v1',
  'countersign.grant.revoke-requested.v1',
  'countersign.grant.revoke-confirmed.v1',
  'countersign.grant.expired.v1',
] as const;

const endOf = (entries: readonly Told[], grant: string): number =>
  Math.min(
    ...endings.flatMap((type) =>
      told(entries, type)
        .filter(({ data }) => data.grant === grant)
        .map(({ seq }) => seq),
    ),
  );

function nothingAfterTheEnd(entries: readonly Told[]): string[] {
  return told(entries, 'countersign.session.opening.v1')
    .filter(({ seq, data }) => seq > endOf(entries, data.grant))
    .map(({ data }) => `${data.session} was opened after its grant was over`);
}

function nothingLeftAfterTheEnd(entries: readonly Told[], { delivered }: World): string[] {
  return delivered
    .filter(({ grant, size }) => endOf(entries, grant) < size)
    .map(({ grant }) => `credentials for ${grant} left after it was over`);
}

/** Counted from the second in which it was first used. */
const lastsUntil = (usedAtMs: number, { seconds }: { readonly seconds: number }): number =>
  usedAtMs + seconds * 1000 - (usedAtMs % 1000);

function clockRunsFromTheFirstSession(entries: readonly Told[]): string[] {
  const failed = new Map(
    told(entries, 'countersign.session.failed.v1')
      .filter(({ data }) => data.certain)
      .map(({ seq, data }) => [data.session, seq]),
  );
  const opened = told(entries, 'countersign.session.opening.v1');
  return told(entries, 'countersign.request.approved.v1').flatMap(({ data: grant }) => {
    const mine = opened.filter(({ data }) => data.grant === grant.grant);
    return mine.flatMap(({ seq, data }) => {
      const standing = mine.find((one) => one.seq < seq && !((failed.get(one.data.session) ?? seq) < seq));
      const endMs = standing === undefined ? undefined : lastsUntil(standing.data.decided_at_ms, grant);
      const lateMs = endMs ?? grant.activate_by_ms;
      const mostMs = endMs ?? lastsUntil(data.decided_at_ms, grant);
      return [
        ...(data.decided_at_ms >= lateMs ? [`${data.session} was opened too late`] : []),
        ...(data.ends_at_ms > mostMs ? [`${data.session} outlives its grant`] : []),
        ...(data.person === grant.person ? [] : [`${data.session} was opened by somebody else`]),
      ];
    });
  });
}

function codesAreSpentOnce(entries: readonly Told[]): string[] {
  const spent = told(entries, 'countersign.factor.used.v1').map(({ data }) => `${data.factor} ${data.step}`);
  return spent.filter((one, at) => spent.indexOf(one) < at).map((one) => `the code ${one} was taken twice`);
}

function fiveWrongCodesCloseTheDoor(entries: readonly Told[]): string[] {
  const failures = told(entries, 'countersign.factor.failed.v1');
  const looked = [...failures, ...told(entries, 'countersign.factor.used.v1')];
  return looked.flatMap(({ seq, data }) => {
    const recent = failures.filter(
      (one) =>
        one.seq < seq &&
        one.data.person === data.person &&
        one.data.decided_at_ms > data.decided_at_ms - 15 * 60_000,
    );
    return recent.length >= 5 ? [`a sixth code of ${data.person} was looked at (#${seq})`] : [];
  });
}

function onlyWhatWasAimedAtEnded(entries: readonly Told[], { aimedAt }: World): string[] {
  return endings.slice(0, 3).flatMap((type) =>
    told(entries, type)
      .filter(({ data }) => !aimedAt.has(data.grant))
      .map(({ data }) => `nobody asked to end ${data.grant}`),
  );
}
