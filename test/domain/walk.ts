import fc from 'fast-check';
import { endGrant } from '../../src/app/grant/end-grant.ts';
import { passTime } from '../../src/app/grant/pass-time.ts';
import { revokeGrant } from '../../src/app/grant/revoke-grant.ts';
import type { OpenOutcome } from '../../src/app/ports.ts';
import { withdrawRequest } from '../../src/app/request/withdraw-request.ts';
import { Failure } from '../../src/domain/errors.ts';
import type { GrantId, RequestId } from '../../src/domain/ids.ts';
import { ask, incident, open, review, reviewEmergency, ticket } from '../app/use-cases/steps.ts';
import type { World } from '../app/use-cases/world.ts';

const names = ['maya', 'omar', 'tomas', 'lea', 'sid', 'sol', 'ann'] as const;
const scopes = [
  [{ action: 'batches.read', resource: 'orders-export', access: 'read' as const }],
  [{ action: 'batches.delete', resource: 'orders-export/batches/*', access: 'destructive' as const }],
  [{ action: 'batches.delete', resource: 'orders-export/batches/b-1', access: 'destructive' as const }],
  [{ action: 'batches.delete', resource: 'orders-export/*', access: 'destructive' as const }],
  [{ action: 'batches.burn', resource: 'orders-export', access: 'write' as const }],
];
/** Who asks for what against which ticket: such as go together, and each with something amiss now and then. */
const fitting = [
  ['maya', 'operator', 'INC-1'],
  ['omar', 'operator', 'INC-1'],
  ['tomas', 'operator', 'INC-1'],
  ['maya', 'operator', 'INC-2'],
  ['maya', 'repair', 'CHG-1'],
  ['maya', 'look', null],
  ['tomas', 'look', null],
] as const;
const amiss = [
  ['omar', 'operator', 'INC-2'],
  ['lea', 'operator', 'INC-1'],
  ['maya', 'operator', 'CHG-1'],
  ['tomas', 'repair', 'CHG-1'],
  ['tomas', 'operator', null],
] as const;
const lost: OpenOutcome = { outcome: 'unknown', reason: 'no answer' };
const refused: OpenOutcome = { outcome: 'refused', reason: 'no', mend: null, retryable: true };

const who = fc.constantFrom(...names);
/** null: whose it is. */
const ownerMostly = fc.constantFrom(
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  null,
  ...names,
);
/** Which of the requests there are: mostly the newest. */
const which = fc.constantFrom(0, 0, 0, 0, 1, 2, 3);
const totp = fc.constantFrom('fresh', 'fresh', 'fresh', 'fresh', 'fresh', 'again', 'wrong', 'none');

const single = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      what: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...fitting) },
        { weight: 1, arbitrary: fc.constantFrom(...amiss) },
      ),
      seconds: fc.constantFrom(1, 600, 600, 600, 600, 1800, 1800, 1800, 3600, 7200),
      scope: fc.constantFrom(...Array.from({ length: 16 }, () => null), ...scopes),
      breakGlass: fc.constantFrom(false, false, false, false, true),
      totp,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('review' as const),
      who: fc.constantFrom(...names, 'lea', 'lea', 'lea', 'tomas', 'sid', 'sol', 'sol'),
      which,
      verdict: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
      seconds: fc.constantFrom(...Array.from({ length: 10 }, () => undefined), 1, 600, 3600),
      scope: fc.constantFrom(...Array.from({ length: 10 }, () => undefined), ...scopes),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      who: ownerMostly,
      which,
      totp,
      cloud: fc.constantFrom(
        ...Array.from({ length: 7 }, () => 'answers' as const),
        'refuses',
        'is lost',
        'ends',
        'revokes',
        'is late',
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), who: ownerMostly, which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const), who, which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who: ownerMostly, which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('judge' as const), who, which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('ticket' as const),
      name: fc.constantFrom('INC-1', 'INC-2'),
      state: fc.constantFrom('open' as const, 'open' as const, 'closed' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('source' as const), down: fc.constantFrom(true, false, false) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 5000, 5000, 60_000, 60_000, 599_999, 900_000, 3_600_000, 28_800_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('deadline' as const), which, off: fc.constantFrom(-1, 0, 1) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const) }) },
);

export type Single = typeof single extends fc.Arbitrary<infer One> ? One : never;
export type Step = Single | readonly [Single, Single];

/** What several people do one after the other, and now and then two at once. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 6, arbitrary: single }, { weight: 1, arbitrary: fc.tuple(single, single) }),
  { minLength: 20, maxLength: 60, size: 'max' },
);

export interface Walk {
  readonly world: World;
  readonly requests: RequestId[];
  /** Grants that somebody asked to end or revoke. */
  readonly aimedAt: Set<string>;
  /** Credentials that left the broker: for which grant, and how long the log was then. */
  readonly delivered: { readonly grant: string; readonly size: number; readonly atMs: number }[];
  signedInAtMs: number;
}

/** Tickets that vouch for some, so that something can be asked for. */
export async function beginWalk(world: World): Promise<Walk> {
  await incident(world, 'INC-1', 'ann', 'maya', 'omar', 'tomas');
  await incident(world, 'INC-2', 'ann', 'maya');
  const window = { from_ms: world.clock.nowMs(), to_ms: world.clock.nowMs() + 86_400_000 };
  await ticket(world, 'ann', 'CHG-1', { assignee: world.who('maya').person, window });
  await ticket(world, 'lea', 'CHG-1', { state: 'approved' }, false);
  return { world, requests: [], aimedAt: new Set(), delivered: [], signedInAtMs: world.clock.nowMs() };
}

/** Does one step. Refusals are answers like any other; anything that is no `Failure` is a defect, and thrown. */
export async function take(walk: Walk, step: Step): Promise<void> {
  const together: readonly Single[] = 'kind' in step ? [step] : step;
  const settled = await Promise.allSettled(together.map((one) => takeSingle(walk, one)));
  for (const one of settled) {
    if (one.status === 'fulfilled') continue;
    const defect =
      !(one.reason instanceof Failure) || one.reason.code === 'internal' || one.reason.code === 'read-only';
    if (defect) throw one.reason;
  }
  await signInAgain(walk);
}

async function takeSingle(walk: Walk, step: Single): Promise<void> {
  const { world } = walk;
  switch (step.kind) {
    case 'ask': {
      const { kind: _, totp: how, what, ...asked } = step;
      const [name, entitlement, named] = what;
      const { request } = await ask(
        world,
        name,
        { ...asked, entitlement, ticket: named },
        { totp: codeFor(world, name, how) },
      );
      walk.requests.push(request);
      return;
    }
    case 'review':
      await review(world, step.who, await waiting(walk, step.which), {
        verdict: step.verdict,
        seconds: step.seconds,
        scope: step.scope,
      });
      return;
    case 'open':
      return openOne(walk, step);
    case 'end':
      return endOne(walk, await grantNumber(walk, step.which), step.who);
    case 'revoke':
      return revokeOne(walk, await grantNumber(walk, step.which), step.who);
    case 'withdraw': {
      const request = chosen(walk, step.which);
      const name = step.who ?? (await askerOf(world, request));
      await withdrawRequest(world.broker, world.who(name).actor, request);
      return;
    }
    case 'judge':
      await reviewEmergency(world, step.who, chosen(walk, step.which));
      return;
    case 'ticket':
      await ticket(world, 'lea', step.name, { state: step.state }, false);
      return;
    case 'source':
      world.tickets.down = step.down;
      return;
    case 'wait':
      world.clock.advance(step.ms);
      return;
    case 'deadline':
      return toDeadline(walk, step);
    case 'time':
      await passTime(world.broker);
  }
}

function codeFor(world: World, name: string, how: string): string | undefined {
  const { seeds, factor, lastStep } = world.who(name);
  if (how === 'none') return undefined;
  if (how === 'wrong' || seeds.get(factor) === undefined) return '1';
  if (how === 'again')
    world.who(name).lastStep = Math.min(lastStep, Math.floor(world.clock.nowMs() / 30_000) - 1);
  return world.code(name);
}

async function openOne(walk: Walk, step: Extract<Single, { kind: 'open' }>): Promise<void> {
  const { world } = walk;
  const found = await grantNumber(walk, step.which);
  const { grant } = found;
  world.cloud.next = {
    ...(step.cloud === 'refuses' ? { answer: refused } : step.cloud === 'is lost' ? { answer: lost } : {}),
    async before() {
      if (step.cloud === 'ends') await endOne(walk, found, null).catch(ignoreRefusal);
      if (step.cloud === 'revokes') await revokeOne(walk, found, 'lea').catch(ignoreRefusal);
      if (step.cloud !== 'is late') return;
      world.clock.advance(60_000);
      await passTime(world.broker);
    },
  };
  const name = step.who ?? found.name;
  const opened = await open(world, name, grant, { totp: codeFor(world, name, step.totp) }).finally(() => {
    world.cloud.next = {};
  });
  if (opened.credentials === null) throw new Error('an opening under a fresh key gave no credentials');
  walk.delivered.push({ grant, size: Math.max(...opened.entries) + 1, atMs: world.clock.nowMs() });
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Failure)) throw error;
}

async function endOne(
  { world, aimedAt }: Walk,
  { grant, name }: FoundGrant,
  by: string | null,
): Promise<void> {
  aimedAt.add(grant);
  await endGrant(world.broker, world.who(by ?? name).actor, grant);
}

async function revokeOne({ world, aimedAt }: Walk, { grant }: FoundGrant, by: string): Promise<void> {
  aimedAt.add(grant);
  await revokeGrant(world.broker, world.who(by).actor, grant, 'stop');
}

const noSuch = () => new Failure('not-found', 'there is none yet');

function chosen({ requests }: Walk, which: number): RequestId {
  const request = requests.at(-1 - which);
  if (request === undefined) throw noSuch();
  return request;
}

/** One that waits to be decided, where there is one. */
async function waiting(walk: Walk, which: number): Promise<RequestId> {
  const rows = await walk.world.broker.store.rows({ table: 'waiting', where: {}, limit: 10 });
  const row = rows[which];
  return row === undefined ? chosen(walk, which) : (String(row['request']) as RequestId);
}

interface FoundGrant {
  readonly grant: GrantId;
  readonly name: string;
}

/** From the list that people see: the newest first. */
async function grantNumber({ world }: Walk, which: number): Promise<FoundGrant> {
  const rows = await world.broker.store.rows({ table: 'grants', where: {}, limit: 10 });
  const row = rows[which];
  if (row === undefined) throw noSuch();
  return { grant: String(row['key']) as GrantId, name: nameOf(world, String(row['person'])) };
}

async function askerOf(world: World, request: RequestId): Promise<string> {
  const [row] = await world.broker.store.rows({ table: 'requests', where: { key: request }, limit: 1 });
  if (row === undefined) throw noSuch();
  return nameOf(world, String(row['person']));
}

function nameOf(world: World, person: string): string {
  const found = [...world.people.values()].find((one) => one.person === person);
  if (found === undefined) throw new Error(`nobody is ${person}`);
  return found.name;
}

/** To the very millisecond at which something is due, or the one beside it; never back. */
async function toDeadline(
  { world }: Walk,
  { which, off }: Extract<Single, { kind: 'deadline' }>,
): Promise<void> {
  const due = await world.broker.store.due(Number.MAX_SAFE_INTEGER, 10);
  const at = due[which]?.dueAtMs;
  if (at !== undefined && at + off > world.clock.nowMs()) world.clock.advance(at + off - world.clock.nowMs());
}

const SIGN_IN_AGAIN_MS = 3 * 3_600_000;
async function signInAgain(walk: Walk): Promise<void> {
  const { world } = walk;
  if (world.clock.nowMs() - walk.signedInAtMs < SIGN_IN_AGAIN_MS) return;
  for (const name of world.people.keys()) await world.signIn(name);
  walk.signedInAtMs = world.clock.nowMs();
}
