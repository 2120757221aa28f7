import { tellEntry } from '../domain/events/tell-entry.ts';
import { utf8 } from '../log/bytes.ts';
import { readEntry } from '../log/entry.ts';
import type { Api } from './api.ts';
import type { CliContext } from './context.ts';

const POLL_MS = 1_000;
const PAGE = 500;

/** The newest entries in sentences, then, when followed, each as it comes until interrupted. */
export async function tailLog(context: CliContext, lines: number, follow: boolean): Promise<void> {
  const api = await context.api();
  let next = Math.max(0, (await page(api, 0, 1)).size - Math.max(0, lines));
  let interrupted = false;
  const back = context.surroundings.onInterrupt(() => {
    interrupted = true;
  });
  try {
    do {
      const { items, size } = await page(api, next, PAGE);
      for (const { seq, bytes } of items) tell(context, seq, bytes);
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
    query: { from: String(from), limit: String(limit) },
  });
  return answer.json();
}

function tell({ output }: CliContext, seq: number, text: string): void {
  const entry = readEntry(utf8(text));
  output.resultLine(JSON.parse(text), `#${String(seq).padEnd(7)} ${entry.time}  ${tellEntry(entry)}`);
}
