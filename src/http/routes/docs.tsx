import { pageText } from '../../../web/pages/frame.tsx';
import { notFound } from '../../app/grant/find-grant.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Sheet } from '../assets.ts';
import { problemKinds } from '../problem.ts';
import { routes } from '../route.ts';
import { type Call, callsOf, type Field, type OpenApi } from './docs-fields.ts';
import { Page } from './page.tsx';

const CACHED = { 'cache-control': 'public, max-age=300' };

/** The API as a page for people: made once from the OpenAPI document, without a script. */
export function docsRoutes(document: OpenApi, style: Sheet) {
  const docs = pageText(<Docs document={document} />);
  const app = routes();
  app.get('/docs', async (c) => c.html(await docs, 200, CACHED));
  app.get('/problems/:code', (c) => {
    const code = c.req.param('code');
    if (!Object.hasOwn(problemKinds, code)) throw notFound('problem');
    return c.redirect(`/docs#problem-${code}`, 303);
  });
  app.get('/styles/docs.css', (c) => {
    c.header('etag', style.etag);
    c.header('cache-control', 'public, max-age=300');
    if (c.req.header('if-none-match') === style.etag) return c.body(null, 304);
    return c.body(style.text, 200, { 'content-type': 'text/css; charset=utf-8' });
  });
  return app;
}

/** The document's texts are Markdown for other tools; of it, only `code` is used. */
const Prose = ({ text }: { readonly text: string }) => (
  <>{text.split('`').map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part))}</>
);

const Docs = ({ document }: { readonly document: OpenApi }) => {
  const calls = callsOf(document);
  const tags = [...new Set(calls.map(({ tag }) => tag))];
  return (
    <Page title="The API · Countersign">
      <header>
        <h1>The API of Countersign</h1>
        <p>
          <Prose text={document.info.description ?? ''} />
        </p>
        <p>
          <a href="/openapi.json">As OpenAPI 3.1</a>
        </p>
      </header>
      <Contents tags={tags} calls={calls} />
      <main>
        {tags.map((tag) => (
          <section aria-label={tag}>
            <h2>{tag}</h2>
            {calls
              .filter((call) => call.tag === tag)
              .map((call) => (
                <CallArticle call={call} />
              ))}
          </section>
        ))}
        <Problems />
      </main>
    </Page>
  );
};

const Contents = ({ tags, calls }: { readonly tags: readonly string[]; readonly calls: readonly Call[] }) => (
  <nav aria-label="Calls">
    {tags.map((tag) => (
      <details>
        <summary>{tag}</summary>
        <ul>
          {calls
            .filter((call) => call.tag === tag)
            .map((call) => (
              <li>
                <a href={`#${call.id}`}>{call.summary}</a>
              </li>
            ))}
        </ul>
      </details>
    ))}
    <p>
      <a href="#problems">Problems</a>
    </p>
  </nav>
);

const CallArticle = ({ call }: { readonly call: Call }) => (
  <article id={call.id}>
    <h3>{call.summary}</h3>
    <p class="call">
      <span class="method">{call.method}</span> <code>{call.path}</code>
    </p>
    {call.description === '' ? null : (
      <p>
        <Prose text={call.description} />
      </p>
    )}
    {call.takes.length === 0 ? null : <Fields title="Takes" note="" fields={call.takes} />}
    {call.answers.map(({ status, description, fields }) => (
      <Fields title={`Answers ${status}`} note={description} fields={fields} />
    ))}
    <p class="problems">
      Problems:{' '}
      {call.problems.map((code, at) => (
        <>
          {at === 0 ? '' : ', '}
          <a href={`#problem-${code}`}>{code}</a>
        </>
      ))}
    </p>
  </article>
);

const Fields = (shown: {
  readonly title: string;
  readonly note: string;
  readonly fields: readonly Field[];
}) => (
  <details open={shown.title === 'Takes'}>
    <summary>
      {shown.title}{' '}
      <span class="note">
        <Prose text={shown.note} />
      </span>
    </summary>
    <dl>
      {shown.fields.map(({ name, type, place, isRequired, note }) => (
        <>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            {type}
            {place === 'body' ? '' : `, in the ${place}`}
            {isRequired ? '' : ', may be left out'}
            <Prose text={note === '' ? '' : `. ${note}`} />
          </dd>
        </>
      ))}
    </dl>
  </details>
);

// The table's keys are the codes; `Object.keys` only forgets it.
const codes = Object.keys(problemKinds) as ErrorCode[];

const Problems = () => (
  <section aria-label="Problems" id="problems">
    <h2>Problems</h2>
    <p>
      Every refusal is an <code>application/problem+json</code> (RFC 9457). <code>detail</code> says what
      happened, <code>mend</code> what to do, <code>rule</code> which rule refused, <code>entry</code> where
      the log has it, and <code>instance</code> is the id to tell your administrators.
    </p>
    <dl>
      {codes.map((code) => (
        <>
          <dt id={`problem-${code}`}>
            <code>{code}</code>
          </dt>
          <dd>
            {problemKinds[code].status}. {problemKinds[code].title}.
          </dd>
        </>
      ))}
    </dl>
  </section>
);
