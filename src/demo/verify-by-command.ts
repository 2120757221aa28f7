import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Verdicts {
  readonly intact: boolean;
  readonly complete: boolean | 'not-reached';
  readonly conformant: boolean | 'not-reached';
}

export interface Verified {
  readonly verdicts: Verdicts;
  /** The report as a person reads it. */
  readonly text: readonly string[];
}

/** Runs `countersign log verify` as an auditor would: another process, which has the files and the kept checkpoint. */
export async function verifyByCommand(what: {
  readonly data: string;
  readonly checkpoint: string;
}): Promise<Verified> {
  const [text, json] = await Promise.all([run(what, []), run(what, ['--json'])]);
  const report = JSON.parse(json) as Record<keyof Verdicts, { passed: boolean | 'not-reached' }>;
  const verdicts = {
    intact: report.intact.passed === true,
    complete: report.complete.passed,
    conformant: report.conformant.passed,
  };
  return { verdicts, text: text.trimEnd().split('\n') };
}

/** The report's line about one verdict. */
export const verdictsOf = ({ text }: Verified, verdict: keyof Verdicts): string =>
  text.find((line) => line.startsWith(verdict)) ?? `${verdict}: not told`;

async function run(
  { data, checkpoint }: { readonly data: string; readonly checkpoint: string },
  more: readonly string[],
): Promise<string> {
  const main = fileURLToPath(new URL('../cli/main.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [main, 'log', 'verify', '--data', data, '--checkpoint', checkpoint, ...more],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [out, errors] = [collect(child.stdout), collect(child.stderr)];
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  // 7: a verdict failed, which the report says.
  if (status !== 0 && status !== 7) throw new Error(`log verify ended with ${status}: ${await errors}`);
  return out;
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of stream) text += piece.toString();
  return text;
}
