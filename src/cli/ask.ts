import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CliContext } from './context.ts';
import { Ending } from './ending.ts';
import { exitCode } from './exit-codes.ts';

/** One line from the person, asked on stderr so that stdout stays the result's. */
export async function askLine(
  context: CliContext,
  question: string,
  /** How to answer where nobody can be asked. */
  otherwise = 'Run it in a terminal, without --no-input.',
  signal?: AbortSignal,
): Promise<string> {
  refuseIfMayNotAsk(context, question, otherwise);
  return readLine(context, question, context.surroundings.stderr, signal);
}

/** As `askLine`, without showing what is typed. */
export async function askHidden(
  context: CliContext,
  question: string,
  signal?: AbortSignal,
): Promise<string> {
  refuseIfMayNotAsk(
    context,
    question,
    'Run it in a terminal without --no-input, or give a code by --totp-stdin.',
  );
  const silent = new Writable({ write: (_piece, _encoding, done) => done() });
  context.surroundings.stderr.write(question);
  try {
    return await readLine(context, '', silent, signal);
  } finally {
    context.surroundings.stderr.write('\n');
  }
}

/**
 * A code of the authenticator: asked for without echo, or with --totp-stdin the first line of standard input. Never a
 * flag or a variable, which other users of the machine could read.
 */
export async function askCode(
  context: CliContext,
  options: {
    readonly totpStdin?: boolean | undefined;
    readonly question?: string;
    /** Aborted: nobody needs to answer any more. */
    readonly signal?: AbortSignal | undefined;
  },
): Promise<string> {
  const typed =
    options.totpStdin === true
      ? await pipedLine(context)
      : await askHidden(context, options.question ?? 'code: ', options.signal);
  const code = typed.trim();
  if (/^[0-9]{6}$/.test(code)) return code;
  throw new Ending(exitCode.usage, 'A code is six digits.', 'Type the code your authenticator shows now.');
}

/** The next line of standard input and no more: what follows stays there for the next one who reads. */
export function pipedLine({ surroundings: { stdin } }: CliContext): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!stdin.readable) return resolve('');
    let text = '';
    const stop = (line: string) => {
      stdin.pause();
      stdin.unref?.(); // whoever holds the other end open does not keep us waiting
      stdin.off('data', take).off('end', end).off('error', reject);
      resolve(line);
    };
    const end = () => stop(text);
    const take = (piece: string | Buffer) => {
      text += String(piece);
      const at = text.indexOf('\n');
      if (at < 0) return;
      stop(text.slice(0, at));
      if (at + 1 < text.length) stdin.unshift(text.slice(at + 1));
    };
    stdin.ref?.();
    stdin.on('data', take).on('end', end).on('error', reject).resume();
  });
}

async function readLine(
  { surroundings }: CliContext,
  question: string,
  echo: NodeJS.WritableStream,
  signal: AbortSignal | undefined,
): Promise<string> {
  const reader = createInterface({
    input: surroundings.stdin,
    output: echo,
    terminal: surroundings.stdin.isTTY === true,
  });
  const interrupted = new Promise<never>((_resolve, reject) => {
    reader.once('SIGINT', () => reject(new Ending(exitCode.interrupted, 'Interrupted; nothing was sent.')));
    // Ctrl-D, or a terminal that went away: the question would stay open for ever.
    reader.once('close', () => reject(new Ending(exitCode.usage, 'There was no answer; nothing was sent.')));
  });
  try {
    return await Promise.race([
      reader.question(question, signal === undefined ? {} : { signal }),
      interrupted,
    ]);
  } finally {
    reader.close();
  }
}

function refuseIfMayNotAsk(context: CliContext, question: string, otherwise: string): void {
  if (context.mayAsk) return;
  const what = question.replace(/[:?]\s*$/, '');
  throw new Ending(
    exitCode.usage,
    `This needs an answer (${what}), and nobody can be asked here.`,
    otherwise,
  );
}
