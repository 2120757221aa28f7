import { endGrant } from '../app/grant/end-grant.ts';
import { readRequest } from '../app/grant/find-grant.ts';
import { openSession } from '../app/grant/open-session.ts';
import type { FactorGiven } from '../app/person/factor.ts';
import { prepareBreakGlassReview, reviewBreakGlass } from '../app/request/review-break-glass.ts';
import { prepareReview, reviewRequest, type Verdict } from '../app/request/review-request.ts';
import { prepareAsk, submitRequest } from '../app/request/submit-request.ts';
import { withdrawRequest } from '../app/request/withdraw-request.ts';
import { writeTicket } from '../app/ticket/write-ticket.ts';
import { Failure } from '../domain/errors.ts';
import type { GrantId, RequestId } from '../domain/ids.ts';
import { own } from '../domain/policy/own.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { RequestState } from '../domain/request/state.ts';
import type { Asked } from '../domain/request/submit-context.ts';
import { parseDuration } from '../policy-file/duration.ts';
import type { RehearsedStep } from './case-schema.ts';
import { acting, codeFor, type Player, signIn } from './cast.ts';
import { signAct, signPrepared, signWith } from './rehearsed-passkey.ts';
import type { Stage } from './stage.ts';

/** A case as far as it has come: what it asked for last is what reviews and openings are about. */
export interface Scene {
  readonly stage: Stage;
  readonly policy: Policy;
  request: RequestId | null;
}

/** Plays one step with the broker's own verbs. @throws Failure as the broker refuses; StepMisfit when the step means nothing */
export async function playStep(scene: Scene, step: RehearsedStep): Promise<void> {
  if (step.wait !== undefined) scene.stage.clock.advance(seconds(step.wait) * 1000);
  if (step.ask !== undefined) await ask(scene, step.ask, false);
  if (step.break_glass !== undefined) await ask(scene, step.break_glass, true);
  if (step.review !== undefined) await review(scene, step.review);
  if (step.judge !== undefined) await judge(scene, step.judge);
  if (step.open !== undefined) await open(scene, step.open);
  if (step.end !== undefined) await end(scene, step.end);
  if (step.withdraw !== undefined) await withdraw(scene, step.withdraw);
  if (step.ticket !== undefined) await changeTicket(scene, step.ticket);
}

/** The step speaks of something that is not there. Its message is for the author of the case. */
export class StepMisfit extends Error {
  override readonly name = 'StepMisfit';
}

/** Signed in, and with groups as fresh as a call makes them. */
export async function playerNamed({ stage }: Scene, nick: string): Promise<Player> {
  const player = stage.cast.find(nick);
  if (player === undefined) throw new StepMisfit(`nobody is called \`${nick}\` under \`who:\``);
  if (stage.down.has('identity-provider')) {
    // What the provider told at the last sign-in is all there is.
    player.actor = { ...player.actor, membership: 'cached', claimsAtMs: player.signedInAtMs };
    return player;
  }
  await signIn(stage, player);
  acting(stage, player);
  return player;
}

type Asking = NonNullable<RehearsedStep['ask']>;

async function ask(scene: Scene, asked: Asking, breakGlass: boolean): Promise<void> {
  const { stage, policy } = scene;
  const player = await playerNamed(scene, asked.by);
  const named = await Promise.all((asked.people ?? []).map((nick) => playerNamed(scene, nick)));
  const people = asked.people === undefined ? null : named.map(({ actor }) => actor.person);
  const entitlement = own(policy.entitlements, asked.entitlement);
  const longest = breakGlass ? entitlement?.break_glass?.at_most_seconds : entitlement?.at_most_seconds;
  const whole: Asked = {
    entitlement: asked.entitlement,
    people,
    targets: asked.targets ?? null,
    parameters: asked.parameters ?? {},
    seconds: asked.lasting === undefined ? (longest ?? 1_800) : seconds(asked.lasting),
    startMs: asked.start === undefined ? null : Date.parse(asked.start),
    extends: asked.extends === true ? await grantOf(scene, player, asked.targets?.[0]) : null,
    scope:
      asked.only === undefined
        ? null
        : asked.only.map(({ action, on }) => ({ action, resource: on, access: 'read' })),
    ticket: asked.ticket ?? null,
    justification: 'rehearsed',
    breakGlass,
  };
  const given = { ...(await showToAsk(stage, player, whole)), idempotency: undefined };
  const submitted = await submitRequest(stage.broker, player.actor, whole, given);
  scene.request = submitted.request;
}

/** A passkey wherever somebody has one: it does where a code would. */
async function showToAsk(stage: Stage, player: Player, asked: Asked): Promise<FactorGiven> {
  const { passkey, actor } = player;
  if (passkey === null) return { totp: codeFor(stage, player) };
  return { passkey: signPrepared(passkey, await prepareAsk(stage.broker, actor, asked, passkey.factor)) };
}

const showFor = (stage: Stage, player: Player, digest: string): FactorGiven =>
  player.passkey === null ? { totp: codeFor(stage, player) } : { passkey: signWith(player.passkey, digest) };

async function review(scene: Scene, wanted: NonNullable<RehearsedStep['review']>): Promise<void> {
  const { stage } = scene;
  const player = await playerNamed(scene, wanted.by);
  const verdict: Verdict = {
    factor: player.passkey?.factor,
    verdict: wanted.decides ?? 'approve',
    ...(wanted.lasting === undefined ? {} : { seconds: seconds(wanted.lasting) }),
    ...(wanted.only === undefined
      ? {}
      : { scope: wanted.only.map(({ action, on }) => ({ action, resource: on })) }),
  };
  const prepared = await prepareReview(stage.broker, player.actor, requestOf(scene), verdict);
  const { statement, digest } = prepared;
  const given = {
    statement,
    reason: 'rehearsed',
    ...showFor(stage, player, digest),
    idempotency: undefined,
  };
  await reviewRequest(stage.broker, player.actor, requestOf(scene), given);
}

async function judge(scene: Scene, { by, verdict }: NonNullable<RehearsedStep['judge']>): Promise<void> {
  const { broker } = scene.stage;
  const player = await playerNamed(scene, by);
  const wanted = { verdict, factor: player.passkey?.factor };
  const { statement, digest } = await prepareBreakGlassReview(broker, player.actor, requestOf(scene), wanted);
  const given = {
    statement,
    reason: 'rehearsed',
    ...showFor(scene.stage, player, digest),
    idempotency: undefined,
  };
  await reviewBreakGlass(broker, player.actor, requestOf(scene), given);
}

async function open(scene: Scene, { by, target }: NonNullable<RehearsedStep['open']>): Promise<void> {
  const player = await playerNamed(scene, by);
  const grant = await grantOf(scene, player, target);
  const key = scene.stage.broker.random.ulid(scene.stage.clock.nowMs());
  const { passkey } = player;
  const shown =
    passkey === null
      ? { totp: codeFor(scene.stage, player) }
      : { passkey: await signAct(scene.stage, player, passkey, { purpose: 'open', about: grant }) };
  const idempotency = { key, digest: 'sha256:rehearsed' };
  await openSession(scene.stage.broker, player.actor, grant, { ...shown, idempotency });
}

async function end(scene: Scene, { by, target }: NonNullable<RehearsedStep['end']>): Promise<void> {
  const player = await playerNamed(scene, by);
  await endGrant(scene.stage.broker, player.actor, await grantOf(scene, player, target));
}

async function withdraw(scene: Scene, { by }: NonNullable<RehearsedStep['withdraw']>): Promise<void> {
  const { actor } = await playerNamed(scene, by);
  await withdrawRequest(scene.stage.broker, actor, requestOf(scene));
}

async function changeTicket(
  scene: Scene,
  { name, by, state }: NonNullable<RehearsedStep['ticket']>,
): Promise<void> {
  const { actor } = await playerNamed(scene, by);
  await writeTicket(scene.stage.broker, actor, name, { state }, { create: false, idempotency: undefined });
}

function requestOf({ request }: Scene): RequestId {
  if (request === null) throw new StepMisfit('nothing was asked for yet: `ask` or `break_glass` comes first');
  return request;
}

export const stateOf = (scene: Scene): Promise<RequestState> =>
  readRequest(scene.stage.broker, requestOf(scene));

/** The grant of this person, on that target where it is said. Nobody's: the broker is asked, and says so. */
async function grantOf(scene: Scene, player: Player, target: string | undefined): Promise<GrantId> {
  const grants = Object.values((await stateOf(scene)).grants);
  const theirs = grants.filter(({ person }) => person === player.actor.person);
  const named = theirs.filter((grant) => target === undefined || grant.target === target);
  const found = named[0] ?? grants[0];
  if (found !== undefined) return found.grant;
  throw new Failure('not-found', 'There is no grant: the request is not approved.');
}

function seconds(duration: string): number {
  const parsed = parseDuration(duration);
  if (parsed === undefined) throw new StepMisfit(`\`${duration}\` is no duration`);
  return parsed;
}
