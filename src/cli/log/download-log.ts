import { utf8 } from '../../log/bytes.ts';
import { parseCheckpoint } from '../../log/checkpoint.ts';
import { readEntry } from '../../log/entry.ts';
import { splitNote } from '../../log/note.ts';
import type { Api } from '../api.ts';
import type { LogSource } from './log-source.ts';

const PAGE = 500;

/** The log as the server gives it to an auditor, pinned at the checkpoint it answered with. Nothing is believed yet. */
export async function downloadLog(api: Api): Promise<LogSource> {
  const note = utf8(await (await api.client.v1.log.checkpoint.$get()).text());
  const { origin, size } = parseCheckpoint(splitNote(note).text);
  const digests = new Set<string>();
  const attachment = async (digest: string): Promise<Uint8Array | undefined> => {
    const response = await api.get(`/v1/log/attachments/${digest}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  return {
    kind: null,
    origin,
    size,
    checkpointNote: note,
    attachment,
    async *attachments() {
      for (const digest of digests) {
        const bytes = await attachment(digest);
        if (bytes !== undefined) yield bytes;
      }
    },
    async *entries(from, to) {
      for (let at = from; at < to; at += PAGE) {
        const limit = Math.min(PAGE, to - at);
        const answer = await api.client.v1.log.entries.$get({
          query: { from: String(at), limit: String(limit) },
        });
        for (const { bytes } of (await answer.json()).items) {
          const entry = utf8(bytes);
          for (const digest of attachmentsNamed(entry)) digests.add(digest);
          yield entry;
        }
      }
    },
    disclosures: undefined,
    close: () => undefined,
  };
}

/** Digests of what an entry refers to and does not hold. */
function attachmentsNamed(bytes: Uint8Array): readonly string[] {
  const { type, data } = readEntry(bytes);
  const fields = attachmentFields[type] ?? [];
  return fields.map((field) => data[field]).filter((digest): digest is string => typeof digest === 'string');
}

const attachmentFields: Readonly<Record<string, readonly string[]>> = {
  'countersign.policy.proposed.v1': ['to_digest', 'text_digest'],
  'countersign.person.authenticated.v1': ['key_set_digest'],
};
