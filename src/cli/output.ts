import type { ToldEnding } from './ending.ts';
import type { Surroundings } from './surroundings.ts';

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

/** Results go to stdout, everything else to stderr, so that a pipe gets the result and nothing else. */
export interface Output extends OutputOptions {
  /** The one result: JSON when asked for, else these lines. */
  result(json: unknown, lines: readonly string[]): void;
  /** One line of a result that has no end, such as `log tail`; with --json one document a line. */
  resultLine(json: unknown, line: string): void;
  /** What is going on. Silent with --quiet. */
  progress(text: string): void;
  ending(told: ToldEnding): void;
}

/**
 * Text that somebody else typed, made safe for a terminal: no escape sequence, no character that moves the cursor or
 * turns the direction of writing. Newlines stay where `multiline` says so.
 */
export function printable(text: string, options: { readonly multiline?: boolean } = {}): string {
  const kept = options.multiline === true ? text : text.replaceAll(/\s+/gu, ' ');
  return kept.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, '�');
}

export function outputOf(surroundings: Surroundings, options: OutputOptions): Output {
  const { stdout, stderr } = surroundings;
  const out = (text: string) => void stdout.write(`${text}\n`);
  const err = (text: string) => void stderr.write(`${text}\n`);
  return {
    ...options,
    result: (json, lines) => (options.json ? out(JSON.stringify(json, null, 2)) : lines.forEach(out)),
    resultLine: (json, line) => out(options.json ? JSON.stringify(json) : line),
    progress: (text) => {
      if (!options.quiet) err(text);
    },
    ending: (told) => {
      if (options.json) return out(JSON.stringify({ error: told }, null, 2));
      err(`✗ ${printable(told.message)}`);
      if (told.rule !== undefined)
        err(`  rule: ${printable(told.rule)}${told.entry === undefined ? '' : `, entry #${told.entry}`}`);
      for (const { at, message } of told.mistakes) err(`  ${printable(at)}  ${printable(message)}`);
      if (told.mend !== undefined) err(`→ ${printable(told.mend)}`);
    },
  };
}
