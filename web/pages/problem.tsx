import { type ErrorCode, sentence } from '../../src/domain/errors.ts';
import { Prose } from '../parts/prose.tsx';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

export interface ProblemShown {
  readonly frame: Frame;
  readonly code: ErrorCode;
  readonly message: string;
  readonly mend: string | undefined;
  readonly rule: string | undefined;
  readonly entry: number | undefined;
  /** Of this call: what somebody can find in the broker's own log. */
  readonly id: string;
}

/** What happened, what is still safe, what to do next, and an id. */
export const ProblemPage = ({ frame, code, message, mend, rule, entry, id }: ProblemShown) => (
  <PageFrame frame={frame} title={text.problem.title}>
    <section class="card problem" role="alert">
      <h1>{text.problem.title}</h1>
      <p class="what">
        <Prose text={sentence(message)} />
      </p>
      <p>{code === 'store-unavailable' ? text.problem.unsure : text.problem.safe}</p>
      {rule === undefined ? null : (
        <p class="quiet">
          {text.problem.rule}: <code>{rule}</code>
        </p>
      )}
      {entry === undefined ? null : <p class="quiet">{text.problem.entry(entry)}</p>}
      {mend === undefined ? null : (
        <p>
          {text.problem.next}: <Prose text={mend} />
        </p>
      )}
      <p class="quiet">
        {text.problem.id} <code>{id}</code>
      </p>
      <p>
        <a class="button" href="/">
          {text.problem.home}
        </a>
      </p>
    </section>
  </PageFrame>
);

/** What went wrong on the way in, and how to begin again; for the browser that somebody signs in with. */
export const NotSignedInPage = ({ frame, message, id }: Pick<ProblemShown, 'frame' | 'message' | 'id'>) => (
  <PageFrame frame={frame} title={text.notSignedIn.title}>
    <section class="card problem" role="alert">
      <h1>{text.notSignedIn.title}</h1>
      <p class="what">
        <Prose text={sentence(message)} />
      </p>
      <p>{text.problem.safe}</p>
      <p>
        <a href="/sign-in" class="button main">
          {text.notSignedIn.again}
        </a>
      </p>
      <p class="quiet">
        {text.notSignedIn.terminal} <code>countersign login</code>
      </p>
      <p class="quiet">
        {text.problem.id} <code>{id}</code>
      </p>
    </section>
  </PageFrame>
);
