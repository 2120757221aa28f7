import type { DurableObjectStorage } from '@cloudflare/workers-types';
import type { Clock } from './app/ports.ts';
import { Failure } from './domain/errors.ts';
import { systemClock } from './platform/system-clock.ts';
import { objectNamed, type WorkerEnvironment } from './worker/bindings.ts';
import { consoleLogger } from './worker/console-logger.ts';
import { type RunningBroker, startBroker } from './worker/running-broker.ts';

export { CheckpointObject } from './worker/checkpoint-object.ts';

const AFTER_FAILURE_MS = 60_000;

/** The whole broker: one object of this class is sequencer, store and application, and nobody else writes. */
export class BrokerObject {
  readonly #storage: DurableObjectStorage;
  readonly #environment: WorkerEnvironment;
  #running: Promise<RunningBroker> | undefined;

  constructor(state: { readonly storage: DurableObjectStorage }, environment: WorkerEnvironment) {
    this.#storage = state.storage;
    this.#environment = environment;
  }

  /** A test turns it. */
  protected readonly clock: Clock = systemClock;

  async fetch(request: Request): Promise<Response> {
    const running = await this.#start();
    if (running === undefined) return notUp();
    const answer = await running.answer(request, request.headers.get('cf-connecting-ip'));
    // What was answered is durable; that no alarm could be set takes nothing of it back.
    await running.alarms.stir().catch((error: unknown) => say('no alarm could be set', error));
    return answer;
  }

  /** The platform repeats an alarm that failed only a few times: there is always a next one. */
  async alarm(): Promise<void> {
    const running = await this.#start();
    try {
      if (running !== undefined) return await running.alarms.ring();
    } catch (error) {
      say('timed work could not go on; it is tried again', error);
    }
    await this.#storage.setAlarm(Date.now() + AFTER_FAILURE_MS);
  }

  /** undefined: it could not start, and said why; the next call tries again. */
  async #start(): Promise<RunningBroker | undefined> {
    this.#running ??= startBroker(this.#storage, this.#environment, this.clock);
    try {
      return await this.#running;
    } catch (error) {
      this.#running = undefined;
      say('the broker cannot start', error);
      return undefined;
    }
  }
}

function say(what: string, error: unknown): void {
  const { mend, mistakes } = error instanceof Failure ? error : { mend: undefined, mistakes: [] };
  consoleLogger('error').error({ err: error, mend, mistakes }, what);
}

/** What is missing is for the operator's eyes. */
const notUp = (): Response =>
  Response.json(
    {
      title: 'The broker cannot start',
      status: 503,
      code: 'store-unavailable',
      detail: 'Its operator finds the reason in its log: `npx wrangler tail`.',
    },
    { status: 503, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' } },
  );

export default {
  /** Assets were served before a request gets here. The answer is compressed on its way out, once, by the platform. */
  fetch(request: Request, { BROKER }: WorkerEnvironment): Promise<Response> {
    const forwarded = new Request(request);
    forwarded.headers.delete('accept-encoding');
    return objectNamed(BROKER, 'broker').fetch(forwarded);
  },
};
