import type { Broker } from './broker.ts';
import type { RowQuery } from './store.ts';

type Row = Readonly<Record<string, string | number | null>>;

const PAGE = 200;

/**
 * All rows of a list, page by page, newest first. Several rows of one ordinal may be cut by a page's end: whoever reads
 * on asks about the thing they belong to, not about each of them.
 */
export async function* everyRow(
  broker: Pick<Broker, 'store'>,
  query: Pick<RowQuery, 'table' | 'where'>,
): AsyncGenerator<Row> {
  let before: number | undefined;
  for (;;) {
    const rows = await broker.store.rows({
      ...query,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    yield* rows;
    if (rows.length < PAGE) return;
    before = Number(rows.at(-1)?.['ordinal']);
  }
}
