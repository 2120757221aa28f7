import type { ContentsPage } from './app/sequencer/copy-log.ts';
import { dataFiles } from './assemble.ts';
import { readYaml, type Yaml } from './config-yaml.ts';
import { Failure } from './domain/errors.ts';
import { readKeyFileTexts } from './platform/key-files.ts';
import { keyKinds } from './platform/key-texts.ts';
import { systemClock } from './platform/system-clock.ts';
import { sqlitePlace } from './storage/sqlite/place.ts';
import { bindingOfKey, CONFIG_BINDING, GENESIS_BINDING } from './worker/bindings.ts';
import { writeGenesis } from './worker/genesis.ts';

/** What the platform takes as one secret. */
const MOST_BYTES = 5_120;

/**
 * Everything secret that a Worker needs, by the names of its bindings: keys, configuration, what that names as
 * environment, and the first entry of a log that was just begun here.
 * @param given.configText the file as it was written
 * @param given.hasGenesis false: the Worker has its log, and only keys or configuration changed
 * @throws Failure `malformed-input`, `already-done`, `not-found`
 */
export async function workerSecrets(given: {
  readonly configText: string;
  readonly data: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hasGenesis: boolean;
}): Promise<Readonly<Record<string, string>>> {
  const { configText, data, environment, hasGenesis } = given;
  const texts = readKeyFileTexts(dataFiles(data).keys);
  const secrets: Record<string, string> = {
    [CONFIG_BINDING]: configText,
    ...Object.fromEntries(keyKinds.map((kind) => [bindingOfKey[kind], texts[kind]])),
    ...named(readYaml(CONFIG_BINDING, configText).value, environment),
    ...(hasGenesis ? { [GENESIS_BINDING]: await genesisOf(data) } : {}),
  };
  const large = Object.keys(secrets).filter((name) => Buffer.byteLength(secrets[name] ?? '') > MOST_BYTES);
  if (large.length === 0) return secrets;
  throw new Failure('too-large', `The platform takes 5 KB a secret; ${large.join(', ')} holds more.`, {
    mend:
      'Shorten the configuration by its comments; of the grant token keys, drop those that retired more than a day ' +
      `from ${dataFiles(data).keys}/grant-tokens.json.`,
  });
}

/** What the configuration, as it was written, names as `{ env: NAME }`; readConfig has made sure that each is there. */
function named(
  written: Yaml['value'],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('file' in value) throw noFiles();
    if ('env' in value && typeof value.env === 'string') found[value.env] = environment[value.env] ?? '';
    for (const inner of Object.values(value)) look(inner);
  };
  look(written);
  return found;
}

const noFiles = (): Failure =>
  new Failure('malformed-input', 'The configuration names a secret in a file, and a Worker has no files.', {
    mend: 'Write { env: NAME } instead, and set NAME in the environment of this command.',
  });

function genesisOf(data: string): Promise<string> {
  return sqlitePlace(dataFiles(data).database, systemClock.nowMs()).read(async ({ head, pages }) => {
    if (head === undefined) {
      throw new Failure('not-found', 'There is no log in this data directory yet.', {
        mend: 'Begin one: `countersign server init`.',
      });
    }
    const all: ContentsPage[] = [];
    for await (const page of pages) all.push(page);
    return writeGenesis(head, {
      entries: all.flatMap(({ entries }) => entries),
      disclosures: all.flatMap(({ disclosures }) => disclosures),
      attachments: all.flatMap(({ attachments }) => attachments),
      secrets: all.flatMap(({ secrets }) => secrets),
      idempotency: all.flatMap(({ idempotency }) => idempotency),
    });
  });
}
