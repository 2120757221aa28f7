import { Failure } from '../domain/errors.ts';
import { type BrokerKeys, type KeyKind, keyKinds, readKeyTexts } from '../platform/key-texts.ts';

/** Somebody who answers HTTP inside the platform. */
export interface Fetcher {
  fetch(input: Request | string): Promise<Response>;
}

export interface ObjectNamespace {
  idFromName(name: string): unknown;
  get(id: never): Fetcher;
}

/** The object of a name; there is one in the world. */
export const objectNamed = (namespace: ObjectNamespace, name: string): Fetcher =>
  // An id is whatever the platform says it is.
  namespace.get(namespace.idFromName(name) as never);

/** What `wrangler.toml` and `wrangler secret` give a Worker. Anything may be missing. */
export interface WorkerEnvironment {
  readonly BROKER: ObjectNamespace;
  readonly CHECKPOINTS?: ObjectNamespace;
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
/** Another name has kept nothing yet: for whoever gives up the newest entries knowingly. */
const KEEPER_BINDING = 'COUNTERSIGN_CHECKPOINT_KEEPER';

export interface Bindings {
  readonly keys: BrokerKeys;
  /** The text of `server.yaml`. */
  readonly config: string;
  readonly genesis: string | undefined;
  readonly checkpoint: string | undefined;
  readonly assets: Fetcher;
  /** Of the newest checkpoint. */
  readonly keeper: Fetcher;
  /** Every binding that is a text: what the configuration calls environment. */
  readonly texts: Readonly<Record<string, string>>;
}

/** @throws Failure `malformed-input` that names everything that is missing, at once */
export function readBindings(environment: WorkerEnvironment): Bindings {
  const texts = Object.fromEntries(
    Object.entries(environment).filter((one): one is [string, string] => typeof one[1] === 'string'),
  );
  const missing = [CONFIG_BINDING, ...Object.values(bindingOfKey)].filter((name) => !texts[name]);
  const { ASSETS: assets, CHECKPOINTS: checkpoints } = environment;
  if (missing.length > 0 || assets === undefined || checkpoints === undefined) {
    const others = ['ASSETS', 'CHECKPOINTS'].filter((name) => environment[name] === undefined);
    throw lacking(missing, others);
  }
  const keyTexts = Object.fromEntries(keyKinds.map((kind) => [kind, texts[bindingOfKey[kind]] ?? '']));
  return {
    // Every kind was just put in.
    keys: readKeyTexts(keyTexts as Record<KeyKind, string>, (kind) => `the binding ${bindingOfKey[kind]}`),
    config: texts[CONFIG_BINDING] ?? '',
    genesis: texts[GENESIS_BINDING],
    checkpoint: texts[CHECKPOINT_BINDING],
    assets,
    keeper: objectNamed(checkpoints, texts[KEEPER_BINDING] ?? 'newest'),
    texts,
  };
}

function lacking(secrets: readonly string[], others: readonly string[]): Failure {
  const mends = [
    ...(secrets.length === 0
      ? []
      : ['Hand them over: `countersign server secrets --data DATA | npx wrangler secret bulk`.']),
    ...(others.length === 0
      ? []
      : [`Keep ${others.join(' and ')} in wrangler.toml as the program brings it.`]),
  ];
  return new Failure('malformed-input', `The Worker lacks ${[...secrets, ...others].join(', ')}.`, {
    mend: mends.join(' '),
  });
}
