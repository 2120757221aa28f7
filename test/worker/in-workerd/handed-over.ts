import { env } from 'cloudflare:test';
import type { DurableObjectState } from '@cloudflare/workers-types';
import { initialise } from '../../../src/app/initialise.ts';
import { beginLog } from '../../../src/app/sequencer/begin-log.ts';
import { openLog } from '../../../src/app/sequencer/sequencer.ts';
import type { SecretChange, StoredEntry } from '../../../src/app/store.ts';
import { paperCodes } from '../../../src/compose.ts';
import { formatVerifierKey, verifierKeyOf } from '../../../src/log/note.ts';
import { ed25519Signer, generateEd25519Pem, verifyEd25519 } from '../../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../../src/platform/node-hasher.ts';
import { nodeRandom } from '../../../src/platform/node-random.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { registry } from '../../../src/projections/registry.ts';
import { generateGrantKey } from '../../../src/providers/token/keys.ts';
import { bundledMigrations } from '../../../src/storage/durable-object/bundled-migrations.ts';
import { openDurableStore } from '../../../src/storage/durable-object/durable-store.ts';
import type { Fetcher, WorkerEnvironment } from '../../../src/worker/bindings.ts';
import { writeGenesis } from '../../../src/worker/genesis.ts';
import type { WorkerInstallation } from '../../../src/worker/installation.ts';

export const ORIGIN = 'log.example.com/handed-over';

const sheet = { text: '', etag: '"0"' };
const installation: WorkerInstallation = {
  program: 'countersign/0.0.0-test',
  style: '/assets/app.css',
  scripts: {},
  sheets: { docs: sheet, log: sheet },
};

export const assets: Fetcher = { fetch: async () => Response.json(installation) };

export const configText = JSON.stringify({
  origin: ORIGIN,
  public_url: 'https://countersign.example.com',
  issuers: [{ name: 'corp', issuer: 'https://id.example.com', client_id: 'countersign' }],
});

/** A log that is begun in one object, as `server init` begins one in a file, and what of it is handed over to another. */
export async function handedOver(state: DurableObjectState, clock = systemClock): Promise<WorkerEnvironment> {
  const store = openDurableStore(state.storage, { migrations: bundledMigrations, nowMs: clock.nowMs() });
  const logPem = generateEd25519Pem();
  const signer = ed25519Signer(ORIGIN, logPem);
  const random = nodeRandom();
  await beginLog({ store, hasher: nodeHasher, signer });
  const sequencer = await openLog({
    store,
    clock,
    random,
    hasher: nodeHasher,
    signer,
    verify: verifyEd25519,
    program: 'countersign/0.0.0-test',
    registry,
  });
  await initialise(
    { sequencer, clock, random, paperCodes: paperCodes(random) },
    {
      origin: ORIGIN,
      logKey: formatVerifierKey(verifierKeyOf(nodeHasher, signer)),
      administrators: [
        { person: `p-${'a'.repeat(26)}`, issuer: 'corp' },
        { person: `p-${'b'.repeat(26)}`, issuer: 'corp' },
      ],
    },
  );
  const { sql } = state.storage;
  const rows = <Row>(text: string): Row[] =>
    sql
      .exec(text)
      .toArray()
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            value instanceof ArrayBuffer ? new Uint8Array(value) : value,
          ]),
        ),
      ) as Row[];
  const head = await store.head();
  if (head === undefined) throw new Error('nothing was begun');
  return {
    BROKER: { idFromName: () => undefined, get: () => assets },
    ASSETS: assets,
    CHECKPOINTS: env.CHECKPOINTS,
    // Of this log alone: the tests have one namespace.
    COUNTERSIGN_CHECKPOINT_KEEPER: random.ulid(clock.nowMs()),
    COUNTERSIGN_CONFIG: configText,
    COUNTERSIGN_LOG_KEY: logPem,
    COUNTERSIGN_GRANT_TOKEN_KEYS: JSON.stringify([await generateGrantKey()]),
    COUNTERSIGN_SEALING_KEYS: JSON.stringify([{ id: 'one', key: keyText(random.bytes(32)) }]),
    COUNTERSIGN_PERSON_KEY: keyText(random.bytes(32)),
    COUNTERSIGN_GENESIS: writeGenesis(head, {
      entries: rows<StoredEntry>('select seq, stream, version, bytes from entries'),
      secrets: rows<SecretChange>(
        'select kind, id, person, value, expires_at_ms as "expiresAtMs" from secrets',
      ),
      disclosures: [],
      attachments: [],
      idempotency: [],
    }),
  };
}

const keyText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
