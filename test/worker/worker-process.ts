import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { startLocalWorker } from '../../tools/local-worker.ts';

export interface WorkerProcess {
  readonly url: string;
  /** Everything it wrote so far. */
  said(): string;
  stop(): Promise<void>;
  /** At once, and workerd with it: nothing is finished, flushed or answered. */
  kill(): Promise<void>;
}

/** The Worker in a process of its own, as `wrangler dev` is one; workerd is its child. */
export async function startWorkerProcess(
  directory: string,
  given: Parameters<typeof startLocalWorker>[0],
): Promise<WorkerProcess> {
  const file = join(directory, 'worker.json');
  writeFileSync(file, JSON.stringify(given), { mode: 0o600 });
  const child = spawn(process.execPath, [fileURLToPath(new URL('worker-child.ts', import.meta.url)), file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a signal reaches workerd too.
    detached: true,
  });
  let said = '';
  const gone = once(child, 'exit');
  const signal = async (name: 'SIGTERM' | 'SIGKILL', whole: boolean) => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(whole ? -child.pid : child.pid, name);
    await gone;
  };
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const [, found] = /^ready (\S+)$/m.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`the Worker ended with ${code}: ${said}`)));
  });
  return {
    url,
    said: () => said,
    stop: () => signal('SIGTERM', false),
    kill: () => signal('SIGKILL', true),
  };
}
