import { prepareReview } from '../app/request/review-request.ts';
import { Failure } from '../domain/errors.ts';
import { sayDuration } from '../domain/policy/say-duration.ts';
import { compareText } from '../domain/policy/scope-order.ts';
import { currentStage, groupsOfStage } from '../domain/request/stage.ts';
import type { RequestState } from '../domain/request/state.ts';
import { requestStatus } from '../domain/request/status.ts';
import { parseDuration } from '../policy-file/duration.ts';
import type { Expected, ExpectedFacts } from './case-schema.ts';
import { playerNamed, type Scene, stateOf } from './play-step.ts';

/** What came of a step. */
export type Outcome = { readonly allowed: true } | { readonly allowed: false; readonly failure: Failure };

/** In words, what a step was to bring and what it brought; undefined: it is as expected. */
export interface Difference {
  readonly expected: string;
  readonly got: string;
}

export async function differenceFrom(
  scene: Scene,
  outcome: Outcome,
  expected: Expected = 'allowed',
): Promise<Difference | undefined> {
  const got = outcome.allowed ? 'allowed' : sayRefusal(outcome.failure);
  if (expected === 'allowed') return outcome.allowed ? undefined : { expected, got };
  if (expected === 'refused') return outcome.allowed ? { expected, got } : undefined;
  if ('refused' in expected) {
    const by = outcome.allowed ? undefined : (outcome.failure.rule ?? outcome.failure.code);
    return by === expected.refused ? undefined : { expected: `refused by ${expected.refused}`, got };
  }
  return outcome.allowed ? factsFrom(scene, expected) : { expected: 'allowed', got };
}

const sayRefusal = ({ rule, code, message }: Failure): string => `refused by ${rule ?? code}: ${message}`;

/** The first fact that differs. */
async function factsFrom(scene: Scene, expected: ExpectedFacts): Promise<Difference | undefined> {
  const state = await stateOf(scene);
  const facts = await factsOf(scene, state, expected.may_decide !== undefined);
  for (const [name, wanted] of Object.entries(expected)) {
    if (wanted === undefined) continue;
    const told = spell(name === 'lasts' ? sayDuration(parseDuration(String(wanted)) ?? 0) : wanted);
    const found = spell(facts[name as keyof ExpectedFacts]);
    if (told !== found) return { expected: `${name}: ${told}`, got: `${name}: ${found}` };
  }
  return undefined;
}

/** The order of names means nothing. */
const spell = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(String).toSorted(compareText).join(', ')}]` : String(value);

async function factsOf(
  scene: Scene,
  state: RequestState,
  asksDeciders: boolean,
): Promise<Readonly<Record<keyof ExpectedFacts, unknown>>> {
  const nowMs = scene.stage.clock.nowMs();
  const grants = Object.values(state.grants);
  const [grant] = grants;
  const stage = currentStage(state);
  const isPending = requestStatus(state, nowMs) === 'pending';
  const scope = grant?.scope ?? state.scope;
  return {
    status: requestStatus(state, nowMs),
    waits_for: isPending && stage !== undefined ? groupsOfStage(stage, nowMs) : [],
    may_decide: asksDeciders ? await whoMayDecide(scene) : [],
    grants: grants.length,
    lasts: sayDuration(grant?.seconds ?? state.seconds),
    actions: [...new Set(scope.map(({ action }) => action))],
    marks: state.breakGlass?.marks ?? [],
  };
}

/** Everybody is asked in turn, by the rules that a reviewer meets before any code. */
async function whoMayDecide(scene: Scene): Promise<readonly string[]> {
  const may: string[] = [];
  for (const { nick, kind } of scene.stage.cast.players) {
    if (kind === 'human' && (await mayDecide(scene, nick))) may.push(nick);
  }
  return may;
}

async function mayDecide(scene: Scene, nick: string): Promise<boolean> {
  if (scene.request === null) return false;
  const { actor } = await playerNamed(scene, nick);
  try {
    await prepareReview(scene.stage.broker, actor, scene.request, { verdict: 'approve' });
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}
