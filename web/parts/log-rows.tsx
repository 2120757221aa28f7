import type { LogRow } from '../../src/app/views/log-table.ts';
import { logText, shortHash } from '../log-text.ts';
import { Moment } from './moment.tsx';

/** The same cells as the script makes (`islands/log-row.ts`): a reader without one misses nothing that stands there. */
export const LogRows = ({ rows, nowMs }: { readonly rows: readonly LogRow[]; readonly nowMs: number }) => (
  <section class="log-window" tabindex={0} aria-label={logText.table.caption} data-window>
    <div class="log-track" data-track>
      <table class="log-table" data-table>
        <caption class="sr">{logText.table.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{logText.table.chain}</th>
            <th scope="col">{logText.table.entry}</th>
            <th scope="col">{logText.table.when}</th>
            <th scope="col">{logText.table.what}</th>
          </tr>
        </thead>
        <tbody data-rows>
          {rows.map((row) => (
            <Row row={row} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

const Row = ({ row, nowMs }: { readonly row: LogRow; readonly nowMs: number }) => {
  const { seq, at, kind, sentence, hash, bound } = row;
  const isBroken = bound !== null && bound !== hash;
  return (
    <tr data-seq={seq} {...(isBroken ? { class: 'broken' } : {})}>
      <td class="chain">
        <code class="cell" title={hash}>
          {isBroken ? <span aria-hidden="true">✕ </span> : null}
          {shortHash(hash)}
        </code>
      </td>
      <td class="seq">
        <a href={`/log/${seq}`}>#{seq}</a>
      </td>
      <td class="when">{at === '' ? null : <Moment at={at} nowMs={nowMs} />}</td>
      <td class="what">
        <div class="said">
          {isBroken ? (
            <strong title={`${bound} ≠ ${hash}`}>
              {logText.table.broken(shortHash(bound), shortHash(hash))}
            </strong>
          ) : (
            <span class="kind">{kind}</span>
          )}{' '}
          {sentence === '' ? logText.table.unreadable : sentence}
        </div>
      </td>
    </tr>
  );
};
