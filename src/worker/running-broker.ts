import type { DurableObjectStorage } from '@cloudflare/workers-types';
import type { Broker } from '../app/broker.ts';
import { type LeasedJob, leasedJob } from '../app/jobs/leased-job.ts';
import { timedJobs } from '../app/jobs/timed-jobs.ts';
import { readOnlyTeller } from '../app/news/tell-read-only.ts';
import type { Clock } from '../app/ports.ts';
import { trustOf } from '../app/sequencer/sequencer.ts';
import type { Store } from '../app/store.ts';
import { announce, requireGenesis } from '../coming-up.ts';
import { type Assembled, compose } from '../compose.ts';
import { type Config, checkConfig } from '../config.ts';
import { digestOf } from '../domain/digest.ts';
import { Failure, type Mistake } from '../domain/errors.ts';
import { httpApp } from '../http/app.ts';
import { httpParts } from '../http-parts.ts';
import { utf8 } from '../log/bytes.ts';
import { ed25519Signer, verifyEd25519 } from '../platform/node-ed25519.ts';
import { nodeHasher } from '../platform/node-hasher.ts';
import { nodeRandom } from '../platform/node-random.ts';
import { bundledMigrations } from '../storage/durable-object/bundled-migrations.ts';
import { openDurableStore } from '../storage/durable-object/durable-store.ts';
import { type Alarms, alarms } from './alarms.ts';
import { type Bindings, CONFIG_BINDING, readBindings, type WorkerEnvironment } from './bindings.ts';
import { consoleLogger } from './console-logger.ts';
import { beginFromGenesis, deriveFirstRows } from './genesis.ts';
import { fetchInstallation } from './installation.ts';
import { keepingCheckpoint, keptCheckpoint } from './kept-checkpoint.ts';

const HOST = 'worker';

/** A broker awake in its Durable Object. */
export interface RunningBroker {
  readonly alarms: Alarms;
  /** @param address the caller's, as the platform tells it; null when it does not */
  answer(request: Request, address: string | null): Promise<Response>;
}

/**
 * The same broker as in a process: sequencer and store in one object, so that writers that come together share a commit.
 * Comes up read-only, and says why, when the log does not fit. Throws `Failure` for whatever is missing or mistaken.
 */
export async function startBroker(
  storage: DurableObjectStorage,
  environment: WorkerEnvironment,
  clock: Clock,
): Promise<RunningBroker> {
  const bindings = readBindings(environment);
  const config = configOf(bindings);
  const logger = consoleLogger(config.logLevel);
  const report: Broker['report'] = ({ what, error }) => logger.error({ err: error }, what);
  const installation = await fetchInstallation(bindings.assets);
  const store = openDurableStore(storage, { migrations: bundledMigrations, nowMs: clock.nowMs() });
  await beginWhereEmpty(store, bindings, config, clock.nowMs());
  const assembled = await compose({
    config,
    clock,
    random: nodeRandom(),
    keys: bindings.keys,
    store,
    heldCheckpoints: await heldCheckpoints(bindings),
    report,
    host: HOST,
    installation,
    emailNotifier: null,
    ...awsCredentialsOf(bindings),
  });
  const { broker } = assembled;
  await requireGenesis(broker);
  await announceOnce(storage, broker, () => announce(broker, config, logger), config);
  const app = httpApp(broker, httpParts(assembled, config, logger));
  // There is one of it: what it held before it was put to sleep it holds still, and need not wait for.
  const holder = { ...broker, id: HOST };
  const jobs = [
    ...timedJobs(broker, assembled.news).map((job) => leasedJob(holder, job)),
    keepingCheckpoint(broker, bindings.keeper),
    tellingReadOnly(storage, assembled),
  ];
  return {
    alarms: alarms({ jobs, store, storage, nowMs: () => clock.nowMs() }),
    answer: async (request, address) =>
      app.fetch(request, { incoming: { socket: address === null ? {} : { remoteAddress: address } } }),
  };
}

async function heldCheckpoints({ checkpoint, keeper }: Bindings): Promise<readonly Uint8Array[]> {
  const held = [await keptCheckpoint(keeper), checkpoint === undefined ? undefined : utf8(checkpoint)];
  return held.filter((one) => one !== undefined);
}

function configOf({ config: text, texts }: Bindings): Config {
  const config = checkConfig({
    path: CONFIG_BINDING,
    text,
    environment: texts,
    readFile: () => undefined,
    databaseUrl: null,
  });
  const mistakes: Mistake[] = [
    ...(config.notify.email === null
      ? []
      : [{ at: 'notify.email', message: 'a Worker sends no mail: tell people by notify.webhook' }]),
    ...(config.aws === null || awsCredentialsOf({ texts }).awsCredentials !== undefined
      ? []
      : [{ at: 'aws', message: 'the bindings AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are missing' }]),
  ];
  if (mistakes.length === 0) return config;
  throw new Failure('malformed-input', 'The configuration asks for what a Worker does not have.', {
    mistakes,
    mend: 'docs/configuration.md says what is different in a Worker.',
  });
}

/** A Worker has no chain of places to look in. */
function awsCredentialsOf({ texts }: Pick<Bindings, 'texts'>) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = texts;
  const sessionToken = texts['AWS_SESSION_TOKEN'];
  if (accessKeyId === undefined || secretAccessKey === undefined) return {};
  const awsCredentials = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  return { awsCredentials };
}

async function beginWhereEmpty(
  store: Store,
  { keys, genesis }: Bindings,
  config: Config,
  nowMs: number,
): Promise<void> {
  const signer = ed25519Signer(config.origin, keys.logPem);
  const trust = trustOf({ store, hasher: nodeHasher, verify: verifyEd25519, signer });
  if ((await store.head()) === undefined) {
    if (genesis === undefined) throw nothingHere();
    await beginFromGenesis(trust, genesis, nowMs);
  }
  if ((await store.head())?.size === 1) await deriveFirstRows(trust);
}

const nothingHere = (): Failure =>
  new Failure('not-found', 'There is no log in this Durable Object, and none is handed over to begin.', {
    mend:
      'If there was one, it is lost or this is another place: find out before anything else. For a new log: ' +
      '`countersign server init`, then `countersign server secrets --data DATA | npx wrangler secret bulk`.',
  });

const ANNOUNCED = 'announced';

/**
 * The platform starts an object many times a day, at its own convenience: only a start of another program or under
 * another configuration is written down.
 */
async function announceOnce(
  storage: DurableObjectStorage,
  broker: Broker,
  write: () => Promise<void>,
  { shown }: Config,
): Promise<void> {
  const announced = digestOf(broker.hasher, { program: broker.program, configuration: shown });
  if ((await storage.get(ANNOUNCED)) === announced) return;
  await write();
  if (broker.sequencer.status().writable) await storage.put(ANNOUNCED, announced);
}

const TOLD_READ_ONLY = 'told-read-only';
const LOOK_EVERY_MS = 1_000;

/** Once for each reason, however often the platform puts the object to sleep meanwhile. */
function tellingReadOnly(storage: DurableObjectStorage, { broker, news }: Assembled): LeasedJob {
  const readOnly = readOnlyTeller(broker, news.notifiers, {
    read: async () => (await storage.get<string | null>(TOLD_READ_ONLY)) ?? null,
    keep: (reason) => storage.put(TOLD_READ_ONLY, reason),
  });
  return {
    async step() {
      await readOnly
        .look()
        .catch((error: unknown) =>
          broker.report({ what: 'nobody could be told of read-only; it is tried again', error }),
        );
      return LOOK_EVERY_MS;
    },
    stop: async () => readOnly.stop(),
  };
}
