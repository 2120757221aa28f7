import { writeTicket } from '../app/ticket/write-ticket.ts';
import { Failure } from '../domain/errors.ts';
import type { PersonId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { CaseFile, RehearsedCase } from './case-schema.ts';
import { type Difference, differenceFrom, type Outcome } from './hold-against.ts';
import { playerNamed, playStep, type Scene, StepMisfit } from './play-step.ts';
import { buildTheatre } from './stage.ts';

export interface CaseResult {
  readonly name: string;
  /** The first step that went otherwise; null: none did. */
  readonly failed: (Difference & { readonly step: number }) | null;
}

/** Plays every case, each from the same beginning, under this policy and the broker's own rules. */
export async function runCases(policy: Policy, file: CaseFile): Promise<readonly CaseResult[]> {
  const beginMs = Math.min(...file.cases.map(({ at }) => Date.parse(at)));
  const theatre = await buildTheatre(policy, file, beginMs);
  try {
    const results: CaseResult[] = [];
    for (const one of file.cases) {
      const stage = await theatre.open(Date.parse(one.at));
      results.push(await runCase({ stage, policy, request: null }, file, one));
      await stage.close();
    }
    return results;
  } finally {
    theatre.close();
  }
}

async function runCase(scene: Scene, file: CaseFile, one: RehearsedCase): Promise<CaseResult> {
  const { name, steps } = one;
  const misfit = await prepared(scene, file);
  if (misfit !== undefined) return { name, failed: { ...misfit, step: 0 } };
  for (const { nick } of scene.stage.cast.players) await playerNamed(scene, nick);
  for (const what of one.down ?? []) scene.stage.down.add(what);
  for (const [at, step] of steps.entries()) {
    const outcome = await outcomeOf(() => playStep(scene, step));
    const difference =
      outcome instanceof StepMisfit
        ? { expected: 'a step that can be played', got: outcome.message }
        : await differenceFrom(scene, outcome, step.expect);
    if (difference !== undefined) return { name, failed: { ...difference, step: at } };
  }
  return { name, failed: null };
}

async function outcomeOf(play: () => Promise<void>): Promise<Outcome | StepMisfit> {
  try {
    await play();
    return { allowed: true };
  } catch (error) {
    if (error instanceof Failure) return { allowed: false, failure: error };
    if (error instanceof StepMisfit) return error;
    throw error;
  }
}

/** The tickets of the file, as their people would have written them. */
async function prepared(scene: Scene, file: CaseFile): Promise<Difference | undefined> {
  for (const [name, ticket] of Object.entries(file.tickets ?? {})) {
    const outcome = await outcomeOf(() => writeWhole(scene, name, ticket));
    const expected = `the ticket ${name} to be written`;
    if (outcome instanceof StepMisfit) return { expected, got: outcome.message };
    if (!outcome.allowed) return { expected, got: outcome.failure.message };
  }
  return undefined;
}

type Ticket = NonNullable<CaseFile['tickets']>[string];

async function writeWhole(scene: Scene, name: string, ticket: Ticket): Promise<void> {
  const { broker } = scene.stage;
  const personOf = async (nick: string): Promise<PersonId> => (await playerNamed(scene, nick)).actor.person;
  const { actor: opener } = await playerNamed(scene, ticket.opened_by);
  const change = {
    addResponders: await Promise.all((ticket.responders ?? []).map(personOf)),
    ...(ticket.assignee === undefined ? {} : { assignee: await personOf(ticket.assignee) }),
    ...(ticket.window === undefined
      ? {}
      : { window: { from_ms: Date.parse(ticket.window.from), to_ms: Date.parse(ticket.window.to) } }),
  };
  await writeTicket(broker, opener, name, change, { create: true, idempotency: undefined });
  const { state } = ticket;
  if (state === undefined || state === 'open') return;
  const { actor: by } = await playerNamed(scene, ticket.approved_by ?? ticket.opened_by);
  await writeTicket(broker, by, name, { state }, { create: false, idempotency: undefined });
}
