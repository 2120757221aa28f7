import type { Clock } from '../../src/app/ports.ts';
import worker, { BrokerObject as RealBrokerObject } from '../../src/worker.ts';
import { AHEAD_HEADER } from './ahead-header.ts';

export { CheckpointObject } from '../../src/worker.ts';

/** The real thing under a clock that tests turn. */
export class BrokerObject extends RealBrokerObject {
  #aheadMs = 0;

  protected override readonly clock: Clock = {
    nowMs: () => Date.now() + this.#aheadMs,
    monotonicMs: () => performance.now() + this.#aheadMs,
  };

  override fetch(request: Request): Promise<Response> {
    this.#aheadMs = Math.max(this.#aheadMs, Number(request.headers.get(AHEAD_HEADER) ?? 0));
    return super.fetch(request);
  }
}

export default worker;
