import { type Run, type RunOptions, run } from './run.ts';
import type { Step } from './script.ts';

/** Bounds how long a failure is looked into; each try is a whole run. */
const MOST_TRIES = 500;

/**
 * The shortest script found in which the same law is broken: pieces are left out, large ones first, as long as it still
 * is (delta debugging, Zeller 2002). Each step draws on its own seed, so what is left stays what it was.
 */
export async function shrink(failing: Run, options: Omit<RunOptions, 'steps'>): Promise<Run> {
  const law = failing.violations[0]?.law;
  let best = failing;
  let tries = 0;
  const attempt = async (script: readonly Step[]): Promise<boolean> => {
    if (tries++ >= MOST_TRIES) return false;
    const again = await run(script, { ...options, steps: Number.POSITIVE_INFINITY });
    if (!again.violations.some((one) => one.law === law)) return false;
    best = again;
    return true;
  };
  for (let piece = Math.ceil(best.script.length / 2); piece >= 1; piece = Math.floor(piece / 2)) {
    for (let at = 0; at < best.script.length; ) {
      const without = best.script.toSpliced(at, piece);
      if (!(await attempt(without))) at += piece;
    }
  }
  await calmed(best, attempt);
  return best;
}

/** A story is easier to read when each thing comes to its end before the next begins. */
async function calmed(best: Run, attempt: (script: readonly Step[]) => Promise<boolean>): Promise<void> {
  let { script } = best;
  for (const [at, step] of script.entries()) {
    if (step.moves === null) continue;
    const calm = script.with(at, { ...step, moves: null });
    if (await attempt(calm)) script = calm;
  }
}
