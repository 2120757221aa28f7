import type { Clock } from '../src/app/ports.ts';
import worker, { BrokerObject as RealBrokerObject } from '../src/worker.ts';

export { CheckpointObject } from '../src/worker.ts';

/** Where the bench turns the clock: `?ahead=MS`. */
const TURN_PATH = '/bench/turn';

/** The real thing under a clock that the bench turns, and without what holds one address back. */
export class BrokerObject extends RealBrokerObject {
  #aheadMs = 0;
  #calls = 0;

  protected override readonly clock: Clock = {
    nowMs: () => Date.now() + this.#aheadMs,
    monotonicMs: () => performance.now() + this.#aheadMs,
  };

  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === TURN_PATH) {
      this.#aheadMs = Number(searchParams.get('ahead'));
      return new Response();
    }
    this.#calls += 1;
    const call = new Request(request);
    call.headers.set('cf-connecting-ip', `10.0.${(this.#calls >> 8) & 255}.${this.#calls & 255}`);
    return super.fetch(call);
  }
}

export default worker;
