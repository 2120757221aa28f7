import type { FoundInLog, LogRow } from '../../src/app/views/log-table.ts';
import { logText, sayCount } from '../log-text.ts';
import { ChoiceField, type Filled, TextField } from '../parts/forms.tsx';
import { LogRows } from '../parts/log-rows.tsx';
import { VerifyPanel } from '../parts/verify-panel.tsx';
import { type Frame, PageFrame } from './frame.tsx';

export interface LogPageShown {
  readonly frame: Frame;
  readonly origin: string;
  readonly found: FoundInLog;
  readonly kinds: readonly string[];
  readonly filled: Filled;
  /** The log from its newest entry on, nothing left out. */
  readonly isWhole: boolean;
  /** Something is left out, so that rows need not be neighbours. */
  readonly isNarrowed: boolean;
  /** The page that goes on where this one ends; null: it ends the log. */
  readonly older: string | null;
}

/** The newest entries, or what was asked for: whole without a script, scrolled and verified with one. */
export const LogPage = ({
  frame,
  origin,
  found,
  kinds,
  filled,
  isWhole,
  isNarrowed,
  older,
}: LogPageShown) => (
  <PageFrame frame={frame} title={logText.title} place="log" islands={['log']}>
    <link rel="stylesheet" href="/log/log.css" />
    <h1>{logText.title}</h1>
    <p class="quiet">{logText.lead(sayCount(found.size), origin)}</p>
    <VerifyPanel />
    <FilterForm kinds={kinds} filled={filled} isWhole={isWhole} />
    <BrokenLinks rows={found.rows} />
    <section
      class="card log"
      aria-label={logText.title}
      data-log
      data-size={found.size}
      {...(isWhole ? { 'data-whole': true } : {})}
      {...(isNarrowed ? { 'data-narrowed': true } : {})}
    >
      <GoTo />
      <LogRows rows={found.rows} nowMs={frame.nowMs} />
      <Pager found={found} older={older} />
    </section>
  </PageFrame>
);

const FilterForm = ({ kinds, filled, isWhole }: Pick<LogPageShown, 'kinds' | 'filled' | 'isWhole'>) => (
  <details class="card" open={!isWhole}>
    <summary>{logText.filter.title}</summary>
    <form method="get" action="/log" class="log-filter">
      <ChoiceField
        name="kind"
        label={logText.filter.kind}
        filled={filled}
        empty={logText.filter.anyKind}
        options={kinds.map((kind) => ({ value: kind, label: kind }))}
      />
      <TextField
        name="about"
        label={logText.filter.about}
        help={logText.filter.aboutHelp}
        filled={filled}
        most={100}
      />
      <TextField
        name="since"
        label={logText.filter.since}
        filled={filled}
        most={10}
        help={logText.filter.days}
      />
      <TextField name="until" label={logText.filter.until} filled={filled} most={10} />
      <div class="buttons">
        <button type="submit">{logText.filter.apply}</button>
        {isWhole ? null : <a href="/log">{logText.filter.clear}</a>}
      </div>
    </form>
  </details>
);

/** Said in words above the table: a red cell alone would be seen by some only. */
const BrokenLinks = ({ rows }: { readonly rows: readonly LogRow[] }) => (
  <div role="status" data-broken>
    {rows
      .filter(({ hash, bound }) => bound !== null && bound !== hash)
      .map(({ seq }) => (
        <p class="warning">
          <span aria-hidden="true">✕</span> {logText.table.brokenNote(seq)}
        </p>
      ))}
  </div>
);

const GoTo = () => (
  <form class="log-goto" data-goto hidden>
    <label for="goto">{logText.table.goTo}</label>
    <input id="goto" name="seq" type="text" inputmode="numeric" pattern="[0-9]{1,15}" required />
    <button type="submit">{logText.table.go}</button>
    <button type="button" data-newest>
      {logText.table.newest}
    </button>
    <button type="button" data-newer hidden />
  </form>
);

const Pager = ({ found, older }: Pick<LogPageShown, 'found' | 'older'>) => (
  <nav class="log-pager" aria-label={logText.table.older} data-pager>
    {found.rows.length === 0 ? <p>{logText.table.none}</p> : null}
    {older === null ? null : (
      <>
        {found.rows.length === 0 && found.next !== null ? (
          <p>{logText.table.lookedTo(sayCount(found.next))}</p>
        ) : null}
        <a href={older} data-older={found.next}>
          {found.rows.length === 0 ? logText.table.goOn : logText.table.older}
        </a>
      </>
    )}
    <p role="status" data-looking />
  </nav>
);
