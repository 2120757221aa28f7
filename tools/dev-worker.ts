import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { dataFiles } from '../src/assemble.ts';
import { readConfig } from '../src/config-file.ts';
import { type DemoIdentityProvider, startDemoIdentityProvider } from '../src/demo/identity-provider.ts';
import { administrators, people } from '../src/demo/people.ts';
import { getReady } from '../src/demo/stage.ts';
import { type IssuedCode, initialiseServer } from '../src/server.ts';
import { workerSecrets } from '../src/worker-secrets.ts';
import { type LocalWorker, startLocalWorker } from './local-worker.ts';
import { writeWorkerAssets } from './worker-assets.ts';

const CLIENT_SECRET = 'demo-only-not-a-secret';
const environment = { OIDC_CLIENT_SECRET: CLIENT_SECRET };

const say = (text: string) => void process.stdout.write(`${text}\n`);

interface Wanted {
  readonly directory: string;
  readonly port: number;
  /** People are named by their provider's address: it stays the same from start to start. */
  readonly providerPort: number;
}

/** `npm run dev:worker [-- --port N] [--provider-port N] [--data DIR]`: the Worker in workerd, without the network. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8787' },
      'provider-port': { type: 'string', default: '8788' },
      data: { type: 'string', default: '.wrangler/countersign' },
    },
  });
  const wanted: Wanted = {
    directory: resolve(process.env['INIT_CWD'] ?? '.', values.data),
    port: Number(values.port),
    providerPort: Number(values['provider-port']),
  };
  const provider = await startProvider(wanted);
  const codes = await beginOnce(wanted, provider);
  const worker = await startWorker(wanted);
  await tell(wanted, worker, codes);
  await new Promise<void>((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
  });
  await worker.stop();
  await provider.stop();
}

const urlOf = ({ port }: Wanted): string => `http://localhost:${port}`;

function startProvider(wanted: Wanted): Promise<DemoIdentityProvider> {
  const client = {
    client_id: 'countersign-demo',
    client_secret: CLIENT_SECRET,
    redirect_uris: [`${urlOf(wanted)}/v1/sign-in/callback`],
    post_logout_redirect_uris: [`${urlOf(wanted)}/signed-out`],
    backchannel_logout_uri: `${urlOf(wanted)}/v1/sign-in/back-channel-logout`,
  };
  return startDemoIdentityProvider({ port: wanted.providerPort, people, clients: [client] });
}

/** What an administrator does on their own machine. Nothing where it was done before. */
async function beginOnce(
  wanted: Wanted,
  { issuer }: DemoIdentityProvider,
): Promise<readonly IssuedCode[] | undefined> {
  const data = join(wanted.directory, 'data');
  if (existsSync(dataFiles(data).keys)) return undefined;
  await mkdir(data, { recursive: true, mode: 0o700 });
  const text = stringify({
    origin: 'worker.countersign.example/log',
    public_url: urlOf(wanted),
    issuers: [
      { name: 'demo', issuer, client_id: 'countersign-demo', client_secret: { env: 'OIDC_CLIENT_SECRET' } },
    ],
  });
  await writeFile(dataFiles(data).config, text);
  return initialiseServer({
    config: readConfig(dataFiles(data).config, environment),
    data,
    administrators: administrators.map((subject) => ({ issuer: 'demo', subject })),
  });
}

/** What they hand over, and what the platform makes of it. */
async function startWorker({ directory, port }: Wanted): Promise<LocalWorker> {
  const data = join(directory, 'data');
  const { config: path } = dataFiles(data);
  const secrets = await workerSecrets({
    configText: await readFile(path, 'utf8'),
    data,
    environment,
    hasGenesis: true,
  });
  const [assets, persist] = [join(directory, 'assets'), join(directory, 'state')];
  await writeWorkerAssets(assets);
  return startLocalWorker({ secrets, persist, assets, port });
}

async function tell(
  wanted: Wanted,
  worker: LocalWorker,
  codes: readonly IssuedCode[] | undefined,
): Promise<void> {
  const told = join(wanted.directory, 'authenticators.txt');
  const ready = await fetch(`${worker.url}/readyz`);
  if (!ready.ok)
    return say(`The Worker is not ready; it says above what it lacks. State: ${wanted.directory}`);
  if (codes !== undefined) {
    const codeOf = new Map(codes.map(({ subject, code }) => [subject, code]));
    const users = Object.values(await getReady(urlOf(wanted), codeOf));
    await writeFile(
      told,
      users
        .map((user) => (user.secret() === undefined ? '' : `${user.name.padEnd(14)} ${user.secret()}\n`))
        .join(''),
    );
  }
  say(`Open  ${urlOf(wanted)}    as Maya, Tomas or whoever you like; nothing leaves this machine`);
  say(`Try   npm run -s countersign -- --server ${urlOf(wanted)} login`);
  say(`Authenticators of Maya and Tomas: ${told}`);
  say(`State is kept in ${wanted.directory}: remove it to begin again.`);
  say('Ctrl-C ends it.');
}

try {
  await main();
} catch (error) {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (!isTaken) throw error;
  say(`${error.message}. Does it run already? Else name others: --port N --provider-port N --data DIR.`);
  process.exitCode = 1;
}
