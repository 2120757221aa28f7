/** Prints the story: numbered steps, a line each for what was seen. A step that does not go as told ends it. */
export interface Narrator {
  say(text?: string): void;
  /** Runs one numbered step. @throws StepFailed */
  step(
    number: number,
    title: string,
    run: (line: (text: string, entries?: readonly number[]) => void) => Promise<void>,
  ): Promise<void>;
}

export class StepFailed extends Error {
  readonly step: number;

  constructor(step: number, cause: unknown) {
    super(`step ${step} did not go as told: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = 'StepFailed';
    this.step = step;
  }
}

const WIDTH = 68;

export function narrator(write: (text: string) => void): Narrator {
  const say = (text = '') => write(`${text}\n`);
  return {
    say,
    async step(number, title, run) {
      say(`${String(number).padEnd(3)}${title}`);
      try {
        await run((text, entries) => say(withEntries(`     ${text}`, entries)));
      } catch (cause) {
        throw new StepFailed(number, cause);
      }
    },
  };
}

function withEntries(text: string, entries: readonly number[] = []): string {
  const [first, last] = [entries.at(0), entries.at(-1)];
  if (first === undefined) return text;
  const numbers = first === last ? `#${first}` : `#${first}–#${last}`;
  return `${text.padEnd(WIDTH)} ${numbers}`;
}

/** The demo proves what it prints: each line stands on a check. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
