import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { type Logger, pino } from 'pino';
import type { Broker } from './app/broker.ts';
import { initialise } from './app/initialise.ts';
import { beginLog } from './app/sequencer/begin-log.ts';
import { type Rebuilt, rebuildDerived } from './app/sequencer/rebuild.ts';
import { trustOf } from './app/sequencer/sequencer.ts';
import { assemble, dataFiles, openStore, type Platform, program } from './assemble.ts';
import { announce, requireGenesis } from './coming-up.ts';
import { type Assembled, openSequencer, paperCodes } from './compose.ts';
import type { Config } from './config.ts';
import { Failure } from './domain/errors.ts';
import { httpApp } from './http/app.ts';
import type { HttpParts } from './http/parts.ts';
import { httpParts } from './http-parts.ts';
import { personId } from './identity/person-id.ts';
import { formatVerifierKey, verifierKeyOf } from './log/note.ts';
import { readCheckpointFile } from './platform/checkpoint-file.ts';
import { createKeyFiles, readKeyFiles, rotateGrantTokenKey } from './platform/key-files.ts';
import { ed25519Signer, verifyEd25519 } from './platform/node-ed25519.ts';
import { nodeHasher } from './platform/node-hasher.ts';
import { nodeRandom } from './platform/node-random.ts';
import { systemClock } from './platform/system-clock.ts';
import { registry } from './projections/registry.ts';
import { generateGrantKey } from './providers/token/keys.ts';
import { timedWork } from './timed-work.ts';

export interface NamedAdministrator {
  /** Name of a configured issuer. */
  readonly issuer: string;
  /** What the issuer's identity claim says of them, exactly; several claims are joined with a slash. */
  readonly subject: string;
}

export interface IssuedCode extends NamedAdministrator {
  readonly person: string;
  /** Shown once. */
  readonly code: string;
  readonly expiresAtMs: number;
}

/**
 * Makes keys and the first entry. Run again after a crash in between, it goes on where it stopped; a log that was
 * begun is left alone.
 * @throws Failure `already-done`, `malformed-input`
 */
export async function initialiseServer(given: {
  readonly config: Config;
  readonly data: string;
  readonly administrators: readonly NamedAdministrator[];
  readonly platform?: Platform;
}): Promise<readonly IssuedCode[]> {
  const { config, data, administrators } = given;
  const clock = given.platform?.clock ?? systemClock;
  const random = given.platform?.random ?? nodeRandom();
  const issuers = new Map(config.issuers.map(({ name, issuer }) => [name, issuer]));
  const unknown = administrators.find(({ issuer }) => !issuers.has(issuer));
  if (unknown !== undefined) {
    throw new Failure('malformed-input', `The configuration has no issuer named ${unknown.issuer}.`, {
      mend: `Use one of: ${[...issuers.keys()].join(', ')}.`,
    });
  }
  const store = await openStore(data, config.databaseUrl, clock);
  try {
    if (!existsSync(dataFiles(data).keys)) await createKeyFiles(dataFiles(data).keys, generateGrantKey);
    const keys = readKeyFiles(dataFiles(data).keys);
    const signer = ed25519Signer(config.origin, keys.logPem);
    await beginLog({ store, hasher: nodeHasher, signer });
    const sequencer = await openSequencer({ store, clock, random, program }, keys, config.origin);
    const people = administrators.map(({ issuer, subject }) => ({
      issuer,
      subject,
      person: personId(keys.personKey, 'human', issuers.get(issuer) ?? '', subject),
    }));
    const { codes } = await initialise(
      { sequencer, clock, random, paperCodes: paperCodes(random) },
      {
        origin: config.origin,
        logKey: formatVerifierKey(verifierKeyOf(nodeHasher, signer)),
        administrators: people,
      },
    );
    await sequencer.stop();
    return people.map(({ issuer, subject, person }, at) => {
      const { code = '', expiresAtMs = 0 } = codes[at] ?? {};
      return { issuer, subject, person, code, expiresAtMs };
    });
  } finally {
    await store.close();
  }
}

export interface RunningServer {
  /** Where it listens; people reach it at the configured public address. */
  readonly url: string;
  readonly broker: Broker;
  /** Resolves when nothing is under way any more and everything is closed. */
  stop(): Promise<void>;
}

/** Comes up read-only, and says why, when the log does not fit; refuses to start when there is none. */
export async function startServer(given: {
  readonly config: Config;
  readonly data: string;
  readonly platform?: Platform;
  readonly logger?: Logger;
  /** A file with a checkpoint that was kept elsewhere. */
  readonly checkpoint?: string;
}): Promise<RunningServer> {
  const { config, data } = given;
  const logger = given.logger ?? pino({ level: config.logLevel });
  const report: Broker['report'] = ({ what, error }) => logger.error({ err: error }, what);
  const heldCheckpoints = heldFiles(data, given.checkpoint).map(readCheckpointFile);
  const assembled = await assemble(config, data, report, { ...given.platform, heldCheckpoints });
  const { broker } = assembled;
  try {
    await requireGenesis(broker);
    await announce(broker, config, logger);
    const parts = httpParts(assembled, config, logger);
    const server = await listen(assembled, config, parts);
    const timed = timedWork(assembled, data);
    const { port } = server.address() as AddressInfo;
    logger.info({ url: config.publicUrl, port, broker: broker.id }, 'the broker is up');
    const stop = async () => {
      await timed.stop();
      // A page that follows the log is an answer without an end.
      parts.tail.stop();
      await closeServer(server);
      await assembled.close();
    };
    return { url: `http://${config.listen.address}:${port}`, broker, stop };
  } catch (error) {
    await assembled.close();
    throw error;
  }
}

async function listen(assembled: Assembled, config: Config, parts: HttpParts): Promise<ServerType> {
  const app = httpApp(assembled.broker, parts);
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.listen.port, config.listen.address, resolve);
  }).catch((cause: unknown) => {
    throw new Failure(
      'store-unavailable',
      `Cannot listen on ${config.listen.address}:${config.listen.port}.`,
      {
        mend: 'Is another broker running there? Change `listen` in the configuration.',
        cause,
      },
    );
  });
  return server;
}

/** Nothing new is taken; what is being answered is answered. */
function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    // A browser asks again on the connection it has, as soon as that is idle.
    const idle = setInterval(() => {
      if ('closeIdleConnections' in server) server.closeIdleConnections();
    }, 100);
    server.close(() => {
      clearInterval(idle);
      resolve();
    });
  });
}

function heldFiles(data: string, given: string | undefined): readonly string[] {
  const own = dataFiles(data).checkpoint;
  return [...(existsSync(own) ? [own] : []), ...(given === undefined ? [] : [given])];
}

/** Makes every derived table again from the entries, and tells each difference. */
export async function rebuildServer(given: {
  readonly config: Config;
  readonly data: string;
}): Promise<Rebuilt> {
  const { config, data } = given;
  const store = await openStore(data, config.databaseUrl, systemClock);
  try {
    const signer = ed25519Signer(config.origin, readKeyFiles(dataFiles(data).keys).logPem);
    return await rebuildDerived(
      trustOf({ store, hasher: nodeHasher, verify: verifyEd25519, signer }),
      registry,
    );
  } finally {
    await store.close();
  }
}

/** @returns the id of the new key for grant tokens, which signs from the next start on */
export const rotateServerKey = (data: string): Promise<string> =>
  rotateGrantTokenKey(dataFiles(data).keys, generateGrantKey, systemClock.nowMs());
