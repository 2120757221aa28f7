import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { CliContext } from '../context.ts';
import { writePrivate } from '../private-files.ts';
import type { Surroundings } from '../surroundings.ts';
import { serveCredentials } from './credential-endpoint.ts';
import { type EnvironmentChange, refreshedEnvironment } from './credentials-environment.ts';
import { keepCredentials } from './keep-credentials.ts';
import type { LiveSession } from './live-session.ts';

/** What a command gets while it runs; closed when it has ended. */
export interface Delivery {
  readonly environment: EnvironmentChange;
  /** The session that was opened last. */
  last(): LiveSession;
  close(): Promise<void>;
}

/**
 * Hands a command its credentials in a way that outlives the first session: AWS programs ask an endpoint of ours, whoever
 * uses a token reads it again from a file. Either is there for the command alone and gone with it.
 */
export async function deliverCredentials(context: CliContext, first: LiveSession): Promise<Delivery> {
  const directory = await mkdtemp(join(privatePlace(context.surroundings), 'countersign-'));
  const removeDirectory = () => rm(directory, { recursive: true, force: true });
  try {
    const deliver = first.session.credentials.kind === 'token' ? byFile : byEndpoint;
    const delivery = await deliver(context, first, directory);
    return { ...delivery, close: () => delivery.close().finally(removeDirectory) };
  } catch (error) {
    await removeDirectory();
    throw error;
  }
}

/** XDG Base Directory Specification: for this person alone, and in memory; else a directory of our own in the usual place. */
const privatePlace = ({ environment }: Surroundings): string => {
  const place = environment['XDG_RUNTIME_DIR'];
  return place !== undefined && isAbsolute(place) ? place : tmpdir();
};

async function byFile(context: CliContext, first: LiveSession, directory: string): Promise<Delivery> {
  const path = join(directory, 'token');
  const write = async ({ session: { credentials } }: LiveSession) => {
    if (credentials.kind === 'token') await writePrivate(path, credentials.token);
  };
  await write(first);
  const kept = keepCredentials(context, first, write);
  const environment = refreshedEnvironment(issued(first), { kind: 'token-file', path });
  return { environment, last: () => kept.last(), close: () => kept.stop() };
}

async function byEndpoint(context: CliContext, first: LiveSession, directory: string): Promise<Delivery> {
  const emptyFile = join(directory, 'no-profiles');
  await writePrivate(emptyFile, '');
  const kept = keepCredentials(context, first, async () => undefined);
  try {
    const { url, token, close } = await serveCredentials(() => kept.now());
    const refresh = { kind: 'endpoint', url, token, emptyFile } as const;
    const environment = refreshedEnvironment(issued(first), refresh);
    return {
      environment,
      last: () => kept.last(),
      close: async () => {
        await close();
        await kept.stop();
      },
    };
  } catch (error) {
    await kept.stop();
    throw error;
  }
}

const issued = ({ session, expiresAtMs }: LiveSession) => ({
  ...session,
  expires_at: new Date(expiresAtMs).toISOString(),
});
