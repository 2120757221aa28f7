import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { logText } from '../../../web/log-text.ts';
import { LogPage } from '../../../web/pages/log.tsx';
import { LogEntryPage } from '../../../web/pages/log-entry.tsx';
import { notFound } from '../../app/grant/find-grant.ts';
import { logEntryView, logProofFile } from '../../app/views/log-entry.ts';
import { headOf } from '../../app/views/log-pages.ts';
import { entryKinds, type LogFilter, searchLog, tableRows } from '../../app/views/log-table.ts';
import { requireLogReader } from '../../app/views/oversight.ts';
import { Failure } from '../../domain/errors.ts';
import { fromUtf8 } from '../../log/bytes.ts';
import { RANGE_ENTRIES } from '../../log/verify-range.ts';
import { actorOf } from '../caller.ts';
import { entryStream } from '../entry-stream.ts';
import { answerPage, frameOf, type PageKit } from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';

const ROWS_A_PAGE = 50;
const MOST_ROWS = 200;

/**
 * The log for auditors and administrators: as pages, as rows for the table that scrolls, and as bytes for the browser
 * that verifies. Each answer is bounded, however long the log is.
 */
export const logPages = (kit: PageKit) => {
  const { broker, assets } = kit;
  const style = assets.sheets.log;
  const app = new Hono<HttpEnv>();
  // Who may not read the log learns nothing of it, not even how long it is.
  app.use('/log', reader(kit)).use('/log/*', reader(kit));
  return app
    .get('/log', async (c) => answerPage(c, await logPage(kit, c)))
    .get('/log/rows', async (c) => {
      const { from, to } = read(rowsQuery, c.req.query());
      return c.json(await tableRows(broker, from, Math.min(to, from + MOST_ROWS)));
    })
    .get('/log/found', async (c) => {
      const { filter, before, mistakes } = asked(c.req.query());
      if (Object.keys(mistakes).length > 0) throw malformed();
      return c.json(await searchLog(broker, filter, before, ROWS_A_PAGE));
    })
    .get('/log/checkpoint', async (c) => c.text(fromUtf8((await headOf(broker)).checkpoint)))
    .get('/log/ranges/:first{[0-9]{1,15}}', async (c) => {
      const first = Number(c.req.param('first'));
      const { count } = read(rangeQuery, c.req.query());
      if (first + count > (await headOf(broker)).size) throw notFound('range');
      return octets(entryStream(broker.store, first, first + count));
    })
    .get('/log/attachments/:digest{[0-9a-f]{64}}', async (c) => {
      const found = await broker.store.attachment(`sha256:${c.req.param('digest')}`);
      if (found === undefined) throw notFound('attachment');
      return octets(Uint8Array.from(found));
    })
    .get('/log/log.css', (c) => {
      c.header('etag', style.etag);
      c.header('cache-control', 'private, max-age=300');
      if (c.req.header('if-none-match') === style.etag) return c.body(null, 304);
      return c.body(style.text, 200, { 'content-type': 'text/css; charset=utf-8' });
    })
    .get('/log/verify-worker.js', (c) => {
      // At an address of its own, whose answer alone may compile WebAssembly.
      const script = assets.script('verify');
      if (script === undefined) throw notFound('script');
      // Its threads load it again in a moment.
      c.header('cache-control', 'private, max-age=10');
      return c.body(`import ${JSON.stringify(script)};\n`, 200, {
        'content-type': 'text/javascript; charset=utf-8',
      });
    })
    .get('/log/:seq{[0-9]{1,15}}', async (c) => {
      const view = await logEntryView(broker, Number(c.req.param('seq')));
      return answerPage(c, <LogEntryPage frame={await frameOf(kit, c)} view={view} />);
    })
    .get('/log/:seq{[0-9]{1,15}}/bytes', async (c) => {
      const seq = Number(c.req.param('seq'));
      if (seq >= (await headOf(broker)).size) throw notFound('entry');
      for await (const bytes of broker.store.entries(seq, seq + 1)) return octets(Uint8Array.from(bytes));
      throw notFound('entry');
    })
    .get('/log/:seq{[0-9]{1,15}}/proof', async (c) =>
      octets(new TextEncoder().encode(await logProofFile(broker, Number(c.req.param('seq'))))),
    );
};

type PageContext = Context<HttpEnv>;

const reader =
  ({ broker }: PageKit) =>
  async (c: PageContext, next: () => Promise<void>): Promise<void> => {
    await requireLogReader(broker, actorOf(c));
    await next();
  };

async function logPage(kit: PageKit, c: PageContext) {
  const { broker } = kit;
  const query = c.req.query();
  const { filter, before, mistakes, values } = asked(query);
  const isNarrowed = Object.keys(filter).length > 0;
  const isWhole = !isNarrowed && before === null && Object.keys(mistakes).length === 0;
  const found = await searchLog(broker, filter, before, ROWS_A_PAGE);
  const older =
    found.next === null || found.next === 0
      ? null
      : `/log?${new URLSearchParams({ ...values, before: String(found.next) })}`;
  return (
    <LogPage
      frame={await frameOf(kit, c)}
      origin={broker.origin}
      found={found}
      kinds={entryKinds}
      filled={{ values, mistakes }}
      isWhole={isWhole}
      isNarrowed={isNarrowed}
      older={older}
    />
  );
}

interface Asked {
  readonly filter: LogFilter;
  readonly before: number | null;
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;

/** What the filter's form, or a link, asks for; what cannot be understood narrows nothing and is said at its field. */
function asked(query: Readonly<Record<string, string>>): Asked {
  const typed = (name: string): string => (query[name] ?? '').trim().slice(0, 100);
  const values = Object.fromEntries(
    ['kind', 'about', 'since', 'until']
      .map((name) => [name, typed(name)] as const)
      .filter(([, value]) => value !== ''),
  );
  const { kind, about } = values;
  const [since, until] = [dayMs(values['since']), dayMs(values['until'])];
  const before = /^[0-9]{1,15}$/.test(query['before'] ?? '') ? Number(query['before']) : null;
  return {
    filter: {
      ...(kind !== undefined && entryKinds.includes(kind) ? { kind } : {}),
      ...(about === undefined ? {} : { about }),
      ...(typeof since === 'number' ? { sinceMs: since } : {}),
      ...(typeof until === 'number' ? { untilMs: until + DAY_MS } : {}),
    },
    before,
    values,
    mistakes: {
      ...(since === 'not a day' ? { since: logText.filter.badDay } : {}),
      ...(until === 'not a day' ? { until: logText.filter.badDay } : {}),
    },
  };
}

/** The first moment of a day in UTC. */
function dayMs(day: string | undefined): number | 'not a day' | undefined {
  if (day === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00.000Z`) : Number.NaN;
  // The engine would take the 31st of February for a day in March.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day ? 'not a day' : at;
}

const position = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 52);
const rowsQuery = z.object({ from: position, to: position });
const rangeQuery = z.object({ count: z.coerce.number().int().min(1).max(RANGE_ENTRIES) });

function read<Schema extends z.ZodType>(schema: Schema, query: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  throw malformed();
}

const malformed = (): Failure =>
  new Failure('malformed-input', 'This address asks for what the log page does not have.', {
    mend: 'Load the page again.',
  });

const octets = (content: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>): Response =>
  new Response(content, { headers: { 'content-type': 'application/octet-stream' } });
