import { type Sealing, sealDraft } from '../src/app/sequencer/seal-draft.ts';
import type { Actor } from '../src/domain/actor.ts';
import { byOf } from '../src/domain/actor.ts';
import { breakGlassFold } from '../src/domain/break-glass/state.ts';
import { type Draft, draft } from '../src/domain/draft.ts';
import type { ReviewStatement, StoredEvent, TicketFacts } from '../src/domain/events.ts';
import type { Fold, FoldedEvent } from '../src/domain/fold.ts';
import type { Judgement } from '../src/domain/judgement.ts';
import {
  attemptsFold,
  factorUseFold,
  type PersonState,
  passkeyUseFold,
  personFold,
} from '../src/domain/person/state.ts';
import { groupsOf } from '../src/domain/policy/membership.ts';
import { intersectScope } from '../src/domain/policy/narrow.ts';
import type { Permission, Policy, ResolvedRule } from '../src/domain/policy/policy.ts';
import { policyDigest, resolveRule, ruleDigest } from '../src/domain/policy/resolve.ts';
import { requestFold } from '../src/domain/request/evolve.ts';
import { decideOpen } from '../src/domain/request/open.ts';
import { remaining } from '../src/domain/request/remaining.ts';
import { decideReview } from '../src/domain/request/review.ts';
import type { RequestState } from '../src/domain/request/state.ts';
import { decideSubmit } from '../src/domain/request/submit.ts';
import type { TicketOfPerson } from '../src/domain/request/submit-context.ts';
import { fromUtf8 } from '../src/log/bytes.ts';
import { NO_PREVIOUS, readEntry } from '../src/log/entry.ts';
import { nodeHasher } from '../src/platform/node-hasher.ts';
import { nodeRandom } from '../src/platform/node-random.ts';
import { printTable } from './harness.ts';

/**
 * What one decision costs, beside parsing the entries of the request it is about: a policy of 50 entitlements, each
 * with 30 lines of scope; asked for in full, reviewed by three people, opened. Groups are worked out and the scope is
 * narrowed each time, as the use cases do. Folding is shown apart: a broker folds an entry once, and decides often.
 */
const NOW_MS = Date.UTC(2026, 4, 4, 12);
const STEP = NOW_MS / 30_000;
const ENTITLEMENTS = 50;
const SCOPE_LINES = 30;
const BATCHES = 30;
const BATCH = 500;

const ORIGIN = 'log.example.com/bench';
const sealing: Sealing = { hasher: nodeHasher, random: nodeRandom(), origin: ORIGIN };
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

const verbs = ['Describe', 'List', 'Get', 'Update', 'Delete'] as const;
const accessOf = {
  Describe: 'read',
  List: 'read',
  Get: 'read',
  Update: 'write',
  Delete: 'destructive',
} as const;
const scopeOf = (service: number): readonly Permission[] =>
  Array.from({ length: SCOPE_LINES }, (_, line) => {
    const verb = verbs[line % verbs.length] ?? 'Get';
    const resource = `arn:aws:rds:eu-west-1:447109238812:cluster:service-${service}-${line}`;
    return { action: `rds:${verb}Thing${String(line).padStart(2, '0')}`, resource, access: accessOf[verb] };
  });

function benchPolicy(): Policy {
  const numbers = Array.from({ length: ENTITLEMENTS }, (_, number) => number);
  const group = (idp: string) => ({ idp, issuer: null, until: null });
  return {
    version: 1,
    groups: Object.fromEntries([
      ['admins', group('adm')],
      ...numbers.flatMap((number) => [
        [`team-${number}`, group(`idp-team-${number}`)],
        [`leads-${number}`, group(`idp-leads-${number}`)],
      ]),
    ]),
    workloads: {},
    administrators: { from: 'admins', publish_needs: 2 },
    auditors: null,
    zones: { production: { owner: 'admins' } },
    targets: {
      prod: { zone: 'production', provider: 'aws', account: '447109238812', regions: ['eu-west-1'] },
    },
    ticket_sources: { register: { kind: 'register' } },
    tickets: {
      incident: {
        source: 'register',
        project: 'INC',
        state: 'open',
        requester: 'responder',
        window: 'not-required',
      },
    },
    factors: { request: 'totp', review: 'totp', open: 'totp' },
    waiting: { review_seconds: 28_800, activation_seconds: 3_600 },
    entitlements: Object.fromEntries(
      numbers.map((number) => [
        `service-${number}`,
        {
          role: 'Operator',
          targets: ['prod'],
          scope: scopeOf(number),
          eligible: [`team-${number}`],
          ticket: 'incident',
          review: [{ people: 3, from: `leads-${number}` }],
          at_most_seconds: 3_600,
          break_glass: null,
        },
      ]),
    ),
    emergency_principals: [],
  };
}

const WANTED = 'service-7';
const policy = benchPolicy();
const POLICY = policyDigest(nodeHasher, policy);
const rule = resolved();
const RULE = ruleDigest(nodeHasher, rule);

function resolved(): ResolvedRule {
  const found = resolveRule(policy, WANTED);
  if (found === undefined) throw new Error(`the policy of the bench has no ${WANTED}`);
  return found;
}

const personId = (letter: string) => `p-${letter.repeat(26)}` as const;
const factorOf = (letter: string) => `f-${letter.toUpperCase().repeat(26)}` as const;
const actor = (letter: string, ...idpGroups: readonly string[]): Actor => ({
  kind: 'human',
  person: personId(letter),
  signIn: `i-${letter.toUpperCase().repeat(26)}`,
  issuer: 'corp',
  idpGroups,
  claimsAtMs: NOW_MS - 1_000,
  membership: 'fresh',
  keyThumbprint: 'dGh1bWJwcmludA',
  workload: null,
  address: null,
});
const engineer = actor('a', 'everybody', 'idp-team-7');
const leads = ['b', 'c', 'd'].map((letter) => actor(letter, 'everybody', 'idp-team-7', 'idp-leads-7'));

/** One stream of the log: its entries as texts, and what they fold to. */
class Stream<State> {
  readonly texts: string[] = [];
  private readonly fold: Fold<State>;
  state: State;

  constructor(fold: Fold<State>) {
    this.fold = fold;
    this.state = fold.initial;
  }

  append(by: Actor, drafts: readonly Draft[]): void {
    for (const one of drafts) {
      const version = this.texts.length + 1;
      const stamp = {
        by: byOf(by),
        command: `c-${'1'.repeat(26)}`,
        program: 'bench',
        decided_at_ms: NOW_MS,
      } as const;
      const place = { seq: version, prev: NO_PREVIOUS, timeMs: NOW_MS, streamVersion: version };
      const { bytes, leafHash } = sealDraft(sealing, one, stamp, place);
      this.texts.push(fromUtf8(bytes));
      this.state = this.fold.evolve(this.state, foldedFrom(readEntry(bytes), leafHash));
    }
  }
}

function foldedFrom(entry: ReturnType<typeof readEntry>, leafHash: Uint8Array): FoldedEvent {
  // Sealed above by the catalogue's own schema.
  const event = { type: entry.type, data: entry.data } as unknown as StoredEvent;
  return { seq: entry.seq, version: entry.streamVersion, timeMs: entry.timeMs, leafHash, event };
}

function enrolled(letter: string): PersonState {
  const stream = new Stream(personFold);
  const body = {
    person: personId(letter),
    factor: factorOf(letter),
    factor_kind: 'totp',
    passkey: null,
    means: 'enrolment-code',
    enrolment_code: null,
    voucher: null,
    recovery_codes: 10,
    proof: null,
  } as const;
  const person = `person/${personId(letter)}` as const;
  stream.append(actor(letter), [
    draft('countersign.factor.enrolled.v1', person, personId(letter), body, { label: null }),
  ]);
  return stream.state;
}
const persons = new Map(['a', 'b', 'c', 'd'].map((letter) => [letter, enrolled(letter)]));
const letterOf = ({ person }: Actor): string => person.slice(2, 3);
const factorStates = (one: Actor) => ({
  person: persons.get(letterOf(one)) ?? personFold.initial,
  use: factorUseFold.initial,
  passkeyUse: passkeyUseFold.initial,
  attempts: [attemptsFold.initial, attemptsFold.initial] as const,
});
const shown = (one: Actor) => ({ kind: 'right', factor: factorOf(letterOf(one)), step: STEP }) as const;
const groupsOfActor = ({ issuer, idpGroups, person }: Actor) =>
  groupsOf(policy, { issuer, idp_groups: idpGroups, person }, NOW_MS);

const facts: TicketFacts = {
  source: 'register',
  project: 'INC',
  state: 'open',
  window: null,
  part: 'responder',
  vouched_by_another: true,
  fetched_at_ms: NOW_MS,
  response_digest: digest('7'),
};
const tickets: readonly TicketOfPerson[] = [
  { person: engineer.person, check: { kind: 'found', facts, ticket: 'INC-2291' } },
];
const askedScope = [...rule.scope];
const refusals = { count: 0 };
const grants = [`g-${'2'.repeat(26)}`] as const;

function submit(): Judgement {
  const scope = intersectScope(rule.scope, askedScope);
  return decideSubmit({
    actor: engineer,
    groups: groupsOfActor(engineer),
    rule,
    asked: {
      entitlement: WANTED,
      people: null,
      targets: null,
      parameters: {},
      seconds: 1_800,
      startMs: null,
      extends: null,
      scope: askedScope,
      ticket: 'INC-2291',
      justification: 'The cluster does not fail over by itself.',
      breakGlass: false,
    },
    scope: scope === 'not-within' ? undefined : scope,
    tickets,
    extended: undefined,
    peopleWhoLeft: [],
    pendingCount: 3,
    debt: breakGlassFold.initial,
    incident: null,
    request: `r-${'3'.repeat(26)}`,
    grants,
    policyDigest: POLICY,
    ruleDigest: RULE,
    askDigest: '',
    shown: shown(engineer),
    factorStates: factorStates(engineer),
    refusals,
    nowMs: NOW_MS,
  });
}

function statementOf(state: RequestState, by: Actor): ReviewStatement {
  const { scope, seconds } = remaining(state);
  return {
    purpose: 'review',
    verdict: 'approve',
    request: state.request ?? '',
    request_leaf: state.submittedLeaf,
    requester: state.person,
    stage: 0,
    policy_digest: POLICY,
    rule_digest: state.ruleDigest,
    people: [...state.people],
    targets: [...state.targets],
    scope: [...scope],
    seconds,
    start_ms: state.startMs,
    ticket_digest: facts.response_digest,
    reviewer: by.person,
    factor: factorOf(letterOf(by)),
    nonce: `nonce-of-${letterOf(by)}`,
    expires_at_ms: NOW_MS + 299_000,
    log: { origin: ORIGIN, size: 9, root: 'cm9vdA==' },
  };
}

const review = (state: RequestState, by: Actor, statement: ReviewStatement): Judgement =>
  decideReview({
    actor: by,
    groups: groupsOfActor(by),
    state,
    rule,
    humans: policy,
    policyDigest: POLICY,
    ruleDigest: RULE,
    statement,
    tickets,
    peopleWhoLeft: [],
    extended: undefined,
    reviewer: factorStates(by).person,
    logFits: true,
    origin: ORIGIN,
    nowMs: NOW_MS,
    grants,
    statementDigest: digest('5'),
    reason: null,
    shown: shown(by),
    factorStates: factorStates(by),
    refusals,
  });

function open(state: RequestState): Judgement {
  const [grant] = Object.values(state.grants);
  if (grant === undefined) throw new Error('three reviews have made no grant');
  return decideOpen({
    actor: engineer,
    groups: groupsOfActor(engineer),
    state,
    grant,
    rule,
    ruleDigest: RULE,
    humans: policy,
    tickets,
    extended: undefined,
    peopleWhoLeft: [],
    approversWhoLeft: [],
    approversWithoutFactor: [],
    session: `s-${'4'.repeat(26)}`,
    policyDigest: POLICY,
    broker: 'broker-1',
    shown: shown(engineer),
    factorStates: factorStates(engineer),
    refusals,
    // What a provider makes of a grant is measured where it is made.
    prepare: ({ scope }, endsAtMs) => ({
      provider: 'aws',
      parameters: {},
      parametersDigest: digest('8'),
      scope,
      earliestEndMs: endsAtMs,
      endsAtMs,
    }),
    nowMs: NOW_MS,
  });
}

/**
 * Of many batches the least disturbed, in microseconds for one call: other work on the machine only ever adds. What the
 * first thousands cost while the compiler looks on, no broker pays for long.
 */
function microsecondsOf(work: () => unknown): number {
  for (let warm = 0; warm < 4 * BATCH; warm++) work();
  const batches = Array.from({ length: BATCHES }, () => {
    const start = performance.now();
    for (let one = 0; one < BATCH; one++) work();
    return ((performance.now() - start) * 1_000) / BATCH;
  });
  return Math.min(...batches);
}

function mustPass(what: string, judged: Judgement): readonly Draft[] {
  if (judged.refusal !== undefined) throw new Error(`${what} was refused: ${judged.refusal.message}`);
  return judged.events.filter(({ stream }) => stream.startsWith('request/'));
}

function measured(what: string, stream: Stream<RequestState>, decide: () => Judgement) {
  mustPass(what, decide());
  const texts = [...stream.texts];
  const parse = () => texts.map((text): unknown => JSON.parse(text));
  const folded = texts.map((text) =>
    foldedFrom(readEntry(new TextEncoder().encode(text)), new Uint8Array(32)),
  );
  const fold = () => folded.reduce((state, event) => requestFold.evolve(state, event), requestFold.initial);
  const [decideUs, parseUs, foldUs] = [decide, parse, fold].map(microsecondsOf) as [number, number, number];
  const ratio = texts.length === 0 ? '–' : `${(decideUs / parseUs).toPrecision(2)} ×`;
  return [what, texts.length, texts.join('').length, parseUs, foldUs, decideUs, ratio];
}

const request = new Stream(requestFold);
const rows: (readonly (string | number)[])[] = [];
const asked = new Stream(requestFold);
asked.append(engineer, mustPass('submit', submit()));
// Before it is asked for, a request has no entries: the floor is what asking writes.
rows.push(measured('submit', asked, submit));
request.append(engineer, mustPass('submit', submit()));
for (const [at, lead] of leads.entries()) {
  const { state } = request;
  const statement = statementOf(state, lead);
  const decide = () => review(state, lead, statement);
  if (at === leads.length - 1) rows.push(measured('review, the last of three', request, decide));
  request.append(lead, mustPass('review', decide()));
}
const { state: approved } = request;
rows.push(measured('open', request, () => open(approved)));

printTable(
  `One decision: policy of ${ENTITLEMENTS} entitlements, ${SCOPE_LINES} lines of scope, three reviews (aim: 50 µs)`,
  ['decision', 'entries', 'bytes', 'JSON.parse µs', 'fold µs', 'decide µs', 'beside parsing'],
  rows,
);
