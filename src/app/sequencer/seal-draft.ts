import type { By } from '../../domain/actor.ts';
import type { Draft } from '../../domain/draft.ts';
import { catalogue } from '../../domain/events.ts';
import type { CommandId } from '../../domain/ids.ts';
import { base64, base64url } from '../../log/bytes.ts';
import { commit } from '../../log/commitment.ts';
import { sealEntry } from '../../log/entry.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { Json, JsonObject } from '../../log/json.ts';
import { leafHash } from '../../log/tree.ts';
import type { Random } from '../ports.ts';
import type { Disclosure } from '../store.ts';

const ID_BYTES = 16;
const COMMITMENT_KEY_BYTES = 32;

export interface Sealing {
  readonly hasher: Hasher;
  readonly random: Pick<Random, 'bytes'>;
  readonly origin: string;
}

/** What every entry of one command says about it. */
export interface Stamp {
  readonly by: By;
  readonly command: CommandId;
  readonly program: string;
  readonly decided_at_ms: number;
}

export interface Place {
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly timeMs: number;
  readonly streamVersion: number;
}

export interface SealedDraft {
  readonly bytes: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly data: JsonObject;
  readonly disclosures: readonly Disclosure[];
}

/** Stamps, commits to, validates and serialises one draft. Throws when the catalogue's schema refuses its data. */
export function sealDraft(sealing: Sealing, draft: Draft, stamp: Stamp, place: Place): SealedDraft {
  const disclosures: Disclosure[] = [];
  const data = {
    ...stampedBody(draft, stamp),
    ...committedFields(sealing, draft, place.seq, disclosures),
  };
  const checked = catalogue[draft.type].schema.safeParse(data);
  if (!checked.success)
    throw new TypeError(`${draft.type} does not fit its schema: ${checked.error.message}`);
  const id = base64url(sealing.random.bytes(ID_BYTES));
  const { type, stream, subject } = draft;
  const bytes = sealEntry({ type, stream, subject, data }, { ...place, id, origin: sealing.origin });
  return { bytes, leafHash: leafHash(sealing.hasher, bytes), data, disclosures };
}

function stampedBody(draft: Draft, stamp: Stamp): JsonObject {
  const { by, command, program, decided_at_ms } = stamp;
  const body = draft.body as JsonObject; // bodies are inferred from JSON schemas, and sealing checks every value
  // A body spread from a larger object could bring these along and sign for somebody else.
  for (const name of ['by', 'command', 'program', 'decided_at_ms']) {
    if (Object.hasOwn(body, name)) throw new TypeError(`the body of ${draft.type} names its own ${name}`);
  }
  return { by, command, program, decided_at_ms, ...body };
}

function committedFields(
  sealing: Sealing,
  draft: Draft,
  seq: number,
  disclosures: Disclosure[],
): Record<string, Json> {
  const personal: Readonly<Record<string, string | null>> = draft.personal;
  const kept: Readonly<Record<string, string | undefined>> = draft.kept ?? {};
  const committed: Record<string, Json> = {};
  for (const field of catalogue[draft.type].personal) {
    const value = personal[field];
    if (value === undefined) throw new TypeError(`${draft.type} lacks its personal field ${field}`);
    if (value === null) {
      committed[field] = null;
      continue;
    }
    const key = sealing.random.bytes(COMMITMENT_KEY_BYTES);
    const commitment = commit(sealing.hasher, { key, type: draft.type, pointer: `/${field}`, value });
    committed[field] = { commitment: base64(commitment) };
    disclosures.push({ seq, field, key, value: kept[field] ?? value });
  }
  return committed;
}
