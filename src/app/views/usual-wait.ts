import { streams } from '../../domain/ids.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';

/** Half of so many decisions came within so many seconds. */
export interface UsualWait {
  readonly seconds: number;
  readonly decisions: number;
}

const MOST_LOOKED_AT = 200;
const MOST_COUNTED = 25;
/** Fewer say nothing about the next one. */
const FEWEST_TOLD = 3;

/** How long requests for an entitlement waited lately until they were decided; undefined: too few were. */
export async function usualWait(broker: Broker, entitlement: string): Promise<UsualWait | undefined> {
  const rows = await broker.store.rows({ table: 'requests', where: {}, limit: MOST_LOOKED_AT });
  const named = rows
    .filter((row) => row['entitlement'] === entitlement && row['state'] !== 'pending')
    .slice(0, MOST_COUNTED)
    .map((row) => streams.request(String(row['key'])));
  if (named.length < FEWEST_TOLD) return undefined;
  const view = await broker.sequencer.read(named);
  const waits = named
    .map((stream) => waitedSeconds(view.state(requestFold, stream)))
    .filter((seconds) => seconds !== undefined)
    .toSorted((a, b) => a - b);
  const median = waits[Math.ceil(waits.length / 2) - 1];
  return waits.length < FEWEST_TOLD || median === undefined
    ? undefined
    : { seconds: median, decisions: waits.length };
}

/** From the asking to the last signature, for what people decided. */
function waitedSeconds({ reviews, submittedAtMs, breakGlass }: RequestState): number | undefined {
  const last = reviews.at(-1);
  return last === undefined || breakGlass !== null
    ? undefined
    : Math.max(1, Math.round((last.atMs - submittedAtMs) / 1000));
}
