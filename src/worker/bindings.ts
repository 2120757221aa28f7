import { Failure } from '../domain/errors.ts';
import { type BrokerKeys, type KeyKind, keyKinds, readKeyTexts } from '../platform/key-texts.ts';

/** Somebody who answers HTTP inside the platform. */
export interface Fetcher {
  fetch(input: Request | string): Promise<Response>;
}

/** What `wrangler.toml` and `wrangler secret` give a Worker. Anything may be missing. */
export interface WorkerEnvironment {
  readonly BROKER: { idFromName(name: string): unknown; get(id: never): Fetcher };
  readonly ASSETS?: Fetcher;
  readonly [binding: string]: unknown;
}

/** Secrets under the names in which `countersign server secrets` hands them over. */
export const bindingOfKey: Readonly<Record<KeyKind, string>> = {
  log: 'COUNTERSIGN_LOG_KEY',
  grantTokens: 'COUNTERSIGN_GRANT_TOKEN_KEYS',
  sealing: 'COUNTERSIGN_SEALING_KEYS',
  person: 'COUNTERSIGN_PERSON_KEY',
};
export const CONFIG_BINDING = 'COUNTERSIGN_CONFIG';
/** Only looked at where there is no log yet. */
export const GENESIS_BINDING = 'COUNTERSIGN_GENESIS';
/** A checkpoint that was kept elsewhere. */
export const CHECKPOINT_BINDING = 'COUNTERSIGN_CHECKPOINT';

export interface Bindings {
  readonly keys: BrokerKeys;
  /** The text of `server.yaml`. */
  readonly config: string;
  readonly genesis: string | undefined;
  readonly checkpoint: string | undefined;
  readonly assets: Fetcher;
  /** Every binding that is a text: what the configuration calls environment. */
  readonly texts: Readonly<Record<string, string>>;
}

/** @throws Failure `malformed-input` that names everything that is missing, at once */
export function readBindings(environment: WorkerEnvironment): Bindings {
  const texts = Object.fromEntries(
    Object.entries(environment).filter((one): one is [string, string] => typeof one[1] === 'string'),
  );
  const missing = [CONFIG_BINDING, ...Object.values(bindingOfKey)].filter((name) => !texts[name]);
  const assets = environment.ASSETS;
  if (missing.length > 0 || assets === undefined)
    throw lacking([...missing, ...(assets === undefined ? ['ASSETS'] : [])]);
  const keyTexts = Object.fromEntries(keyKinds.map((kind) => [kind, texts[bindingOfKey[kind]] ?? '']));
  return {
    // Every kind was just put in.
    keys: readKeyTexts(keyTexts as Record<KeyKind, string>, (kind) => `the binding ${bindingOfKey[kind]}`),
    config: texts[CONFIG_BINDING] ?? '',
    genesis: texts[GENESIS_BINDING],
    checkpoint: texts[CHECKPOINT_BINDING],
    assets,
    texts,
  };
}

function lacking(names: readonly string[]): Failure {
  const mends = [
    ...(names.some((name) => name !== 'ASSETS')
      ? ['Hand them over: `countersign server secrets --data DATA | npx wrangler secret bulk`.']
      : []),
    ...(names.includes('ASSETS') ? ['Keep [assets] with its binding ASSETS in wrangler.toml.'] : []),
  ];
  return new Failure('malformed-input', `The Worker lacks ${names.join(', ')}.`, { mend: mends.join(' ') });
}
