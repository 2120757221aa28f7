import { saySentence } from '../domain/events/sentence.ts';
import { catalogue, type EventType, type FactorProof, type StoredData } from '../domain/events.ts';
import type { JsonObject } from '../log/json.ts';
import { judgedSince } from './audit-rules.ts';
import type { JudgedEntry } from './audited-entry.ts';
import type { JudgedDecision } from './conformance.ts';
import { safeText } from './safe-text.ts';
import type { AttestedFact, Verdict } from './verdict.ts';

/** One decision of a story, said and judged. */
export interface ToldDecision {
  readonly seq: number;
  readonly time: string;
  readonly type: string;
  readonly kind: string;
  readonly sentence: string;
  readonly verdict: Verdict;
  readonly attests: readonly AttestedFact[];
  readonly faults: readonly { readonly rule: string; readonly since: number; readonly why: string }[];
  readonly notCheckable: readonly string[];
}

export interface Explanation {
  /** The entry that was asked about. */
  readonly entry: number;
  /** The worst of all that it rests on. */
  readonly verdict: Verdict;
  /** Why it was legitimate, or why not, in one sentence. */
  readonly summary: string;
  readonly decisions: readonly ToldDecision[];
}

const worstFirst: readonly Verdict[] = ['at-fault', 'not-checkable', 'attested', 'conformant'];

/**
 * Explains an entry by the judged decisions of its story, which it is among. Of a request with several grants only the
 * one is told that the entry is about. Ids only: whoever may read the names has them beside the log.
 */
export function explain(seq: number, story: readonly JudgedDecision[]): Explanation | undefined {
  const asked = story.find(({ entry }) => entry.seq === seq);
  if (asked === undefined) return undefined;
  const told = story.filter(({ entry }) => !isOfAnother(entry, asked.entry)).map(tell);
  const verdict = worstFirst.find((one) => told.some((decision) => decision.verdict === one)) ?? 'conformant';
  const judged = story.filter(({ entry }) => told.some((decision) => decision.seq === entry.seq));
  return { entry: seq, verdict, summary: summaryOf(asked, judged, verdict), decisions: told };
}

type Entry = JudgedDecision['entry'];

/** Another grant or session of the same request. */
const isOfAnother = ({ data }: Entry, { data: asked }: Entry): boolean =>
  ['grant', 'session'].some(
    (field) =>
      typeof asked[field] === 'string' && typeof data[field] === 'string' && asked[field] !== data[field],
  );

function tell({ entry, kind, verdict, attests, faults, uncheckable }: JudgedDecision): ToldDecision {
  const { seq, type, timeMs, data } = entry;
  const sentence = Object.hasOwn(catalogue, type)
    ? saySentence(catalogue[type as EventType].sentence, data) // a key of the catalogue, seen just now
    : saySentence('{type}', { type });
  return {
    seq,
    time: new Date(timeMs).toISOString(),
    type,
    kind,
    sentence,
    verdict,
    attests,
    faults: faults.map(({ rule, why }) => ({ rule, since: judgedSince(rule), why: safeText(why) })),
    notCheckable: uncheckable.map(({ why }) => safeText(why)),
  };
}

function summaryOf(asked: JudgedDecision, story: readonly JudgedDecision[], verdict: Verdict): string {
  const [submitted] = of(story, 'countersign.request.submitted.v1');
  const opening = sessionOf(asked, story);
  const subject =
    opening !== undefined
      ? `The session ${opening.data.session}`
      : submitted !== undefined
        ? `The request ${submitted.data.request}`
        : `Entry #${asked.entry.seq}`;
  const judged = `${subject} ${judgement[verdict]}`;
  const faults = story.flatMap((decision) => decision.faults);
  const missing = story.flatMap((decision) => decision.uncheckable);
  const [worst] = verdict === 'at-fault' ? faults : missing;
  if (worst !== undefined) {
    const rule = 'rule' in worst ? ` ${worst.rule}:` : '';
    return `${judged}: at #${worst.seq},${rule} ${safeText(worst.why)}.`;
  }
  const because = submitted === undefined ? [] : reasons(submitted, opening, story);
  const attested = [...new Set(story.flatMap(({ attests }) => attests))];
  const word = attested.length === 0 ? [] : [`by the broker's word for ${attested.map(said).join(', ')}`];
  const all = [...because, ...word].join('; ');
  return all === '' ? `${judged}.` : `${judged}: ${all}.`;
}

const judgement = {
  conformant: 'was legitimate',
  attested: 'was legitimate',
  'not-checkable': 'cannot be judged',
  'at-fault': 'was not legitimate',
} as const satisfies Record<Verdict, string>;

const said = (fact: AttestedFact): string =>
  ({
    code: 'codes',
    ceremony: 'how the passkey was made',
    groups: 'groups',
    identity: 'who signed in',
    ticket: 'the ticket',
    cloud: 'what the cloud answered',
    outage: 'what was down',
    configuration: 'its configuration',
    delivery: 'whom it reached',
    refusal: 'why it refused',
  })[fact];

type Told<T extends EventType> = JudgedEntry<T>;

function of<T extends EventType>(story: readonly JudgedDecision[], type: T): Told<T>[] {
  // What fits no type of the catalogue is judged `unknown`; the type of the others was compared.
  return story
    .filter(({ entry, kind }) => entry.type === type && kind !== 'unknown')
    .map(({ entry }) => entry as unknown as Told<T>);
}

/** The session that is asked about; else the only one of the story. */
function sessionOf({ entry }: JudgedDecision, story: readonly JudgedDecision[]) {
  const openings = of(story, 'countersign.session.opening.v1');
  const named = openings.find(({ data }) => data.session === entry.data['session']);
  return named ?? (openings.length === 1 ? openings[0] : undefined);
}

const at = (timeMs: number): string => new Date(timeMs).toISOString();

/** Who asked, on what, who signed, what it became, how it ended: each with its entry. */
function reasons(
  submitted: Told<'countersign.request.submitted.v1'>,
  opening: Told<'countersign.session.opening.v1'> | undefined,
  story: readonly JudgedDecision[],
): string[] {
  const checked = of(story, 'countersign.ticket.checked.v1');
  const ticket = checked.filter(({ seq }) => seq < (opening?.seq ?? Number.POSITIVE_INFINITY)).at(-1);
  const reviews = of(story, 'countersign.request.reviewed.v1');
  return [
    asking(submitted),
    ...(ticket === undefined
      ? []
      : [
          `its ticket of ${ticket.data.facts.source} ${ticket.data.facts.project} was ${ticket.data.facts.state} (#${ticket.seq})`,
        ]),
    ...(reviews.length === 0
      ? [unreviewed(submitted)]
      : reviews.map((review) => reviewing(review, submitted))),
    ...(opening === undefined ? [] : [opened(opening)]),
    ...endings(story),
  ].map(safeText);
}

function asking({ seq, data }: Told<'countersign.request.submitted.v1'>): string {
  const { person, people, entitlement, targets, seconds, proof, start_ms } = data;
  const others = people.length === 1 && people[0] === person ? '' : ` for ${people.join(', ')}`;
  const factor = sayFactor(proof);
  const start = start_ms === null ? '' : ` from ${at(start_ms)}`;
  return `${person} asked for ${entitlement} on ${targets.join(', ')}${others}${start} for ${seconds} s with ${factor} (#${seq})`;
}

/** A signature was checked against its key: what is at fault is told elsewhere. */
const sayFactor = (proof: FactorProof | null): string =>
  proof === null
    ? 'no factor'
    : proof.kind === 'passkey'
      ? `a signature of the passkey ${proof.factor}`
      : `the factor ${proof.factor}`;

const unreviewed = ({ data }: Told<'countersign.request.submitted.v1'>): string =>
  data.break_glass === null
    ? 'the policy asked for no review'
    : `it was an emergency, to be reviewed by ${at(data.break_glass.review_by_ms)}`;

const byRight = {
  stage: 'as the stage’s own',
  escalation: 'by escalation',
  delegation: 'in somebody’s place',
} as const satisfies Record<StoredData<'countersign.request.reviewed.v1'>['right'], string>;

function reviewing(
  { seq, data }: Told<'countersign.request.reviewed.v1'>,
  { data: asked }: Told<'countersign.request.submitted.v1'>,
): string {
  const { reviewer, groups, verdict, right, stage, scope, seconds, proof } = data;
  const narrowed = [
    ...(scope.length < asked.scope.length ? [`${scope.length} of ${asked.scope.length} permissions`] : []),
    ...(seconds < asked.seconds ? [`${seconds} s`] : []),
  ].join(', ');
  const what = `${verdict === 'approve' ? 'approved' : 'denied'} it${narrowed === '' ? '' : `, narrowed to ${narrowed}`}`;
  return `${reviewer} (${groups.join(', ')}) ${what}, stage ${stage + 1}, ${byRight[right]}, with ${sayFactor(proof)} (#${seq})`;
}

function opened({ seq, data }: Told<'countersign.session.opening.v1'>): string {
  const factor = sayFactor(data.proof);
  return `${data.person} opened it with ${factor}, to end by ${at(data.ends_at_ms)} (#${seq})`;
}

function endings(story: readonly JudgedDecision[]): string[] {
  return [
    ...of(story, 'countersign.request.withdrawn.v1').map(({ seq }) => `it was taken back (#${seq})`),
    ...of(story, 'countersign.request.expired.v1').map(({ seq }) => `nobody decided it in time (#${seq})`),
    ...of(story, 'countersign.request.cancelled.v1').map(({ seq }) => `it was cancelled (#${seq})`),
    ...of(story, 'countersign.grant.ended.v1').map(
      ({ seq, data }) => `its holder ended it with ${data.seconds_left} s left (#${seq})`,
    ),
    ...of(story, 'countersign.grant.revoke-requested.v1').map(
      ({ seq, data }) => `${data.person} revoked it as ${data.right} (#${seq})`,
    ),
    ...of(story, 'countersign.grant.cut-off.v1').map(
      ({ seq, data }) => `it was cut off: ${data.cause} (#${seq})`,
    ),
    ...of(story, 'countersign.grant.expired.v1').map(({ seq }) => `it ran out (#${seq})`),
    ...of(story, 'countersign.break-glass.reviewed.v1').map(
      ({ seq, data }) => `${data.reviewer} found the emergency ${data.verdict} (#${seq})`,
    ),
  ];
}

const signs = {
  conformant: '✓',
  attested: '✓',
  'not-checkable': '?',
  'at-fault': '✗',
} as const satisfies Record<Verdict, string>;

/** For a terminal. */
export function explanationLines({ summary, verdict, decisions }: Explanation): string[] {
  return [
    `${signs[verdict]} ${summary}`,
    '',
    ...decisions.flatMap((told) => [
      `${signs[told.verdict]} #${told.seq}  ${told.time}  ${told.sentence}${told.verdict === 'attested' ? `  (attested: ${told.attests.map(said).join(', ')})` : ''}`,
      ...told.faults.map(({ rule, why }) => `      at fault by ${rule}: ${why}`),
      ...told.notCheckable.map((why) => `      not checkable: ${why}`),
    ]),
  ];
}

export const explanationJson = ({ decisions, ...explanation }: Explanation): JsonObject => ({
  ...explanation,
  decisions: decisions.map(({ attests, faults, notCheckable, ...told }) => ({
    ...told,
    attests: [...attests],
    faults: faults.map((fault) => ({ ...fault })),
    not_checkable: [...notCheckable],
  })),
});
