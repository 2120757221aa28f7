import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Config, checkConfig } from './config.ts';
import { Failure } from './domain/errors.ts';

/**
 * Reads the one configuration file. `COUNTERSIGN_PUBLIC_URL` and `COUNTERSIGN_LISTEN` take the place of its lines;
 * where the log is, only the environment says: `COUNTERSIGN_DATABASE_URL`, or `…_FILE` for a file that holds it.
 * @throws Failure `malformed-input` that lists every mistake at once, each with its line
 */
export function readConfig(path: string, environment: Readonly<Record<string, string | undefined>>): Config {
  const text = readText(path);
  return checkConfig({
    path,
    text,
    environment,
    readFile: (name) => readSecretFile(resolve(dirname(path), name)),
    databaseUrl: databaseUrlFrom(environment),
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure('malformed-input', `The configuration ${path} cannot be read.`, {
      mend: 'Write one (docs/configuration.md), and name it with --config.',
      cause,
    });
  }
}

function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * An address of a database as it was given, or null for the file in the data directory.
 * @throws Failure `malformed-input`
 */
export function databaseUrlFrom(environment: Readonly<Record<string, string | undefined>>): string | null {
  const given = environment['COUNTERSIGN_DATABASE_URL'];
  const path = environment['COUNTERSIGN_DATABASE_URL_FILE'];
  if (given !== undefined && path !== undefined) {
    throw new Failure('malformed-input', 'Two places say where the database is.', {
      mend: 'Set COUNTERSIGN_DATABASE_URL or COUNTERSIGN_DATABASE_URL_FILE, not both.',
    });
  }
  if (given === undefined && path === undefined) return null;
  const url = (path === undefined ? given : readSecretFile(path))?.trim() ?? '';
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  // What was given is not repeated: it may hold a password.
  throw new Failure(
    'malformed-input',
    path === undefined
      ? 'COUNTERSIGN_DATABASE_URL is not an address of PostgreSQL.'
      : `The file ${path} of COUNTERSIGN_DATABASE_URL_FILE holds no address of PostgreSQL.`,
    {
      mend: 'Write postgres://ROLE:PASSWORD@HOST:5432/DATABASE; leave it out for a file in the data directory.',
    },
  );
}
