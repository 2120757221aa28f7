import { readFileSync } from 'node:fs';
import { startLocalWorker } from '../../tools/local-worker.ts';

/** `node worker-child.ts FILE`: runs the Worker as the file says, until it is told to stop. */
const worker = await startLocalWorker(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
process.stdout.write(`ready ${worker.url}\n`);
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
