import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export interface BrokerProcess {
  readonly child: ChildProcess;
  /** SIGKILL: no handler runs, no file is closed. */
  kill(): Promise<void>;
  /** SIGTERM, and the exit code it ends with. */
  stop(): Promise<number | null>;
  /** What it said so far. */
  said(): string;
}

/** The built program, as an operator starts it. */
export async function startBrokerProcess(
  data: string,
  url: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<BrokerProcess> {
  if (!existsSync(main)) throw new Error('build first: npm run build');
  const child = spawn(process.execPath, [main, 'server', 'run', '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let said = '';
  child.stdout?.on('data', (piece) => (said += piece));
  child.stderr?.on('data', (piece) => (said += piece));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await untilReady(
    url,
    () => child.exitCode !== null,
    () => said,
  );
  return {
    child,
    said: () => said,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

async function untilReady(url: string, ended: () => boolean, said: () => string): Promise<void> {
  for (let attempt = 0; attempt < 800; attempt++) {
    if (ended()) throw new Error(`the broker ended: ${said()}`);
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the broker did not come up: ${said()}`);
}
