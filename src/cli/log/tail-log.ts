import { ocsfRecord } from '../../domain/events/ocsf-record.ts';
import { tellEntry } from '../../domain/events/tell-entry.ts';
import { utf8 } from '../../log/bytes.ts';
import { readEntry } from '../../log/entry.ts';
import type { Api } from '../api.ts';
import type { CliContext } from '../context.ts';

const POLL_MS = 1_000;
const PAGE = 500;

export interface TailOptions {
  /** How many of the newest. */
  readonly lines: number;
  readonly follow?: boolean;
  /** As lines of JSON in that schema, in the place of sentences. */
  readonly ocsf?: boolean;
}

/** The newest entries in sentences, then, when followed, each as it comes until interrupted. */
export async function tailLog(context: CliContext, options: TailOptions): Promise<void> {
  const { lines, follow = false, ocsf = false } = options;
  const api = await context.api();
  let next = Math.max(0, (await page(api, 0, 1)).size - lines);
  let interrupted = false;
  const back = context.surroundings.onInterrupt(() => {
    interrupted = true;
  });
  try {
    do {
      const { items, size, names = {} } = await page(api, next, PAGE);
      for (const { seq, bytes } of items) tell(context, seq, bytes, ocsf, names);
      next += items.length;
      if (next >= size && follow && !interrupted)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (next >= size && !follow) break;
    } while (!interrupted);
  } finally {
    back();
  }
}

async function page(api: Api, from: number, limit: number) {
  const answer = await api.client.v1.log.entries.$get({
    query: { from: String(from), limit: String(limit), names: 'true' },
  });
  return answer.json();
}

type Names = Readonly<Record<string, string>>;

function tell({ output }: CliContext, seq: number, text: string, ocsf: boolean, names: Names): void {
  const entry = readEntry(utf8(text));
  if (ocsf) {
    const record = ocsfRecord(entry);
    output.resultLine(record, JSON.stringify(record));
    return;
  }
  const sentence = tellEntry(
    entry,
    (person) => (Object.hasOwn(names, person) ? names[person] : undefined) ?? person,
  );
  output.resultLine(JSON.parse(text), `#${String(seq).padEnd(7)} ${entry.time}  ${sentence}`);
}
