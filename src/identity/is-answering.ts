import type { Clock } from '../app/ports.ts';
import { guardedFetch } from './guarded-fetch.ts';
import type { IssuerConfig } from './issuer-config.ts';
import { discover } from './issuer-metadata.ts';

/** A provider that answers nothing takes five seconds to do so: who calls in that time is told the same. */
const REMEMBERED_MS = 10_000;

/** Whether a provider can be asked now: its discovery document is read anew, whatever is remembered of it. */
export function answering(
  configs: readonly IssuerConfig[],
  clock: Clock,
): (issuer: string) => Promise<boolean> {
  const asked = new Map<string, { readonly atMs: number; readonly answer: Promise<boolean> }>();
  return (name) => {
    const before = asked.get(name);
    if (before !== undefined && clock.monotonicMs() - before.atMs < REMEMBERED_MS) return before.answer;
    const config = configs.find((one) => one.name === name);
    // One that is configured no more vouches for nobody, and its silence for less.
    const answer =
      config === undefined
        ? Promise.resolve(true)
        : discover(config, guardedFetch(config)).then(
            () => true,
            () => false,
          );
    asked.set(name, { atMs: clock.monotonicMs(), answer });
    return answer;
  };
}
