import type { LogEntryView } from '../../src/app/views/log-entry.ts';
import { logText, sayCount, shortHash } from '../log-text.ts';
import { Moment } from '../parts/moment.tsx';
import { ProofTree } from '../parts/proof-tree.tsx';
import { type Frame, PageFrame } from './frame.tsx';

const { entry: words } = logText;

/** One entry: what it says, what it is bound to, and the way from its hash to the signed root. */
export const LogEntryPage = ({ frame, view }: { readonly frame: Frame; readonly view: LogEntryView }) => {
  const { row, checkpoint } = view;
  return (
    <PageFrame frame={frame} title={words.title(row.seq)} place="log">
      <link rel="stylesheet" href="/log/log.css" />
      <p class="quiet">
        <a href="/log">{words.back}</a>
      </p>
      <h1>{words.title(row.seq)}</h1>
      <p class="lead">{row.sentence === '' ? logText.table.unreadable : row.sentence}</p>
      {row.at === '' ? null : (
        <p class="quiet">
          {words.written} <Moment at={row.at} nowMs={frame.nowMs} />
        </p>
      )}
      <Chain view={view} />
      <section class="card" aria-labelledby="tree">
        <h2 id="tree">{words.tree}</h2>
        <p>{words.proves(sayCount(checkpoint.size))}</p>
        <p class={view.isProved ? 'good' : 'warning'} role="status">
          <span aria-hidden="true">{view.isProved ? '✓' : '✕'}</span>{' '}
          {view.isProved ? words.proved : words.notProved}
        </p>
        <ProofTree view={view} />
        <p>
          <a href={`/log/${row.seq}/proof`} download={`entry-${row.seq}.tlog-proof`}>
            {words.proof}
          </a>
        </p>
        <p class="quiet">{words.proofHelp}</p>
      </section>
      <section class="card" aria-labelledby="bytes">
        <h2 id="bytes">{words.bytes}</h2>
        <pre>{view.text}</pre>
        <p>
          <a href={`/log/${row.seq}/bytes`} download={`entry-${row.seq}.json`}>
            {words.raw}
          </a>
        </p>
      </section>
    </PageFrame>
  );
};

/** Three cells in a row: the one before, this one, the one after. */
const Chain = ({ view: { row, before } }: { readonly view: LogEntryView }) => (
  <section class="card" aria-labelledby="chain">
    <h2 id="chain">{words.chain}</h2>
    <ol class="links">
      <li class={before === null || isWhole(before) ? '' : 'broken'}>
        {before === null ? (
          words.first
        ) : (
          <>
            <a href={`/log/${before.seq}`}>#{before.seq}</a> <Cell hash={before.hash} />
            <Bound row={before} />
          </>
        )}
      </li>
      <li class={isWhole(row) ? 'here' : 'here broken'}>
        <strong>#{row.seq}</strong> <Cell hash={row.hash} />
        <Bound row={row} />
      </li>
      <li>{row.bound === null ? words.last : <a href={`/log/${row.seq + 1}`}>#{row.seq + 1}</a>}</li>
    </ol>
    <dl class="hashes">
      <dt>{words.hash}</dt>
      <dd>
        <code>{row.hash}</code>
      </dd>
      {row.bound === null ? null : (
        <>
          <dt>{words.bound}</dt>
          <dd>
            <code>{row.bound}</code>
          </dd>
        </>
      )}
    </dl>
  </section>
);

type Linked = Pick<LogEntryView['row'], 'hash' | 'bound'>;
const isWhole = ({ hash, bound }: Linked): boolean => bound === null || bound === hash;

const Cell = ({ hash }: { readonly hash: string }) => (
  <code class="cell" title={hash}>
    {shortHash(hash)}
  </code>
);

const Bound = ({ row }: { readonly row: Linked }) =>
  row.bound === null || isWhole(row) ? null : (
    <strong> ✕ {logText.table.broken(shortHash(row.bound), shortHash(row.hash))}</strong>
  );
