import { Failure, type Mistake, sentence } from '../domain/errors.ts';
import { type ExitCode, exitCode, exitCodeOf } from './exit-codes.ts';

/** How a command ends when it does not end well: what happened, what to do, and a code for scripts. */
export class Ending extends Error {
  readonly code: ExitCode | number;
  readonly mend: string | undefined;

  constructor(code: ExitCode | number, message: string, mend?: string) {
    super(message);
    this.name = 'Ending';
    this.code = code;
    this.mend = mend;
  }
}

/** The result has said all there is to say; only the exit code is left. */
export class AlreadyTold extends Ending {
  constructor(code: ExitCode | number) {
    super(code, 'already told');
    this.name = 'AlreadyTold';
  }
}

export interface ToldEnding {
  readonly code: number;
  readonly message: string;
  readonly mend: string | undefined;
  readonly rule: string | undefined;
  readonly entry: number | undefined;
  readonly mistakes: readonly Mistake[];
}

/** What is told of any error. One of ours says what to do; another is a defect, told with its name alone. */
export function endingOf(error: unknown): ToldEnding {
  if (error instanceof Ending) {
    const { code, message, mend } = error;
    return { code, message, mend, rule: undefined, entry: undefined, mistakes: [] };
  }
  if (error instanceof Failure) {
    const { mend, rule, entry, mistakes } = error;
    return { code: exitCodeOf[error.code], message: sentence(error.message), mend, rule, entry, mistakes };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const mend = 'Run it again with -v, and report what it says.';
  return { code: exitCode.failure, message, mend, rule: undefined, entry: undefined, mistakes: [] };
}
