import type { Context } from 'hono';
import type { z } from 'zod';
import type { Frame, Visitor } from '../../web/pages/frame.tsx';
import { pageText } from '../../web/pages/frame.tsx';
import { NotSignedInPage, ProblemPage } from '../../web/pages/problem.tsx';
import type { Broker } from '../app/broker.ts';
import { notFound } from '../app/grant/find-grant.ts';
import { namesOf } from '../app/views/names.ts';
import { isAdministrator, isOverseer } from '../app/views/oversight.ts';
import { Failure } from '../domain/errors.ts';
import { hex, utf8 } from '../log/bytes.ts';
import type { BuiltAssets } from './assets.ts';
import { actorOf, humanOf } from './caller.ts';
import { formFields } from './middleware/form-fields.ts';
import type { HttpEnv, HttpParts } from './parts.ts';
import { failureFor, problemKinds } from './problem.ts';

type PageContext = Context<HttpEnv>;

/** What pages are made with beside the use cases. */
export interface PageKit extends Pick<HttpParts, 'sayActions' | 'parsePolicy' | 'namedScopes'> {
  readonly broker: Broker;
  readonly assets: BuiltAssets;
  readonly sessionsInBrowsers: boolean;
}

/** Who looks, and when: for a page that needs somebody signed in. */
export async function frameOf({ broker, assets }: PageKit, c: PageContext): Promise<Frame> {
  const { actor, formToken } = humanOf(c);
  const [name, seesAll, administers] = await Promise.all([
    namesOf(broker, [actor.person]),
    isOverseer(broker, actor),
    isAdministrator(broker, actor),
  ]);
  const visitor: Visitor = {
    person: actor.person,
    name: name(actor.person).display_name ?? actor.person,
    isOverseer: seesAll,
    isAdministrator: administers,
    formToken: formToken ?? '',
  };
  return { visitor, assets, nowMs: broker.clock.nowMs() };
}

/** For a page that nobody needs to be signed in for, or that is about a failure to recognise somebody. */
export const strangersFrame = ({ broker, assets }: PageKit): Frame => ({
  visitor: null,
  assets,
  nowMs: broker.clock.nowMs(),
});

export async function answerPage(
  c: PageContext,
  page: unknown,
  status: 200 | 400 | 403 | 404 | 409 | 422 = 200,
): Promise<Response> {
  const html = await pageText(page);
  c.header('link', linksIn(html));
  return c.html(html, status);
}

/** Style and scripts of a page's head, told with the first bytes: a slow phone asks for them before it has read the page. */
export function linksIn(html: string): string {
  const head = html.slice(0, html.indexOf('</head>'));
  const named = (pattern: RegExp, as: string) =>
    [...head.matchAll(pattern)].map(([, path]) => `<${path}>; rel=${as}`);
  return [
    ...named(/<link rel="stylesheet" href="([^"]+)"/g, 'preload; as=style'),
    ...named(/<script type="module" src="([^"]+)"/g, 'modulepreload'),
  ].join(', ');
}

/** A failure as a page for people, with the id under which the broker's own log has it. */
export async function answerProblem(kit: PageKit, c: PageContext, error: unknown): Promise<Response> {
  const failure = failureFor(error);
  // Whoever could not be recognised, or whose look-up is what failed, still gets a page.
  const frame =
    (c.get('caller') as HttpEnv['Variables']['caller'] | undefined) === undefined
      ? strangersFrame(kit)
      : await frameOf(kit, c).catch(() => strangersFrame(kit));
  const { code, message, mend, rule, entry } = failure;
  const { status, retryAfterSeconds } = problemKinds[code];
  if (retryAfterSeconds !== undefined) c.header('retry-after', String(retryAfterSeconds));
  const shown = { frame, code, message, mend, rule, entry, id: c.get('requestId') };
  return c.html(await pageText(<ProblemPage {...shown} />), status);
}

/** For the way in: a browser is shown what went wrong and how to begin again; a program gets the problem. */
export async function pageOnFailure(
  kit: PageKit,
  c: PageContext,
  answer: () => Promise<Response>,
): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    const { code, message } = failureFor(error);
    if (code === 'internal' || c.req.header('accept')?.includes('text/html') !== true) throw error;
    const shown = { frame: strangersFrame(kit), message, id: c.get('requestId') };
    return c.html(await pageText(<NotSignedInPage {...shown} />), problemKinds[code].status);
  }
}

const MOST_FIELDS = 400;

/** A form as it was sent: every value a text that somebody typed. */
export interface SentForm {
  /** Empty when the field is missing. */
  text(name: string): string;
  all(name: string): readonly string[];
  /** What is filled in again when something is wrong. */
  readonly values: Readonly<Record<string, string>>;
  readonly files: readonly File[];
}

/** @throws Failure `malformed-input` */
export async function sentForm(c: PageContext): Promise<SentForm> {
  const { texts: fields, files } = await formFields(c);
  if (fields.size > MOST_FIELDS) throw new Failure('malformed-input', 'The form has too many fields.');
  // A browser sends line breaks as two characters; what is kept has one.
  const plain = (value: string) => value.replaceAll('\r\n', '\n');
  return {
    text: (name) => plain(fields.get(name) ?? ''),
    all: (name) => fields.getAll(name).map(plain),
    values: Object.fromEntries([...fields].map(([name, value]) => [name, plain(value)])),
    files,
  };
}

/** A form carries a number of its own, so that a second tap finds the answer of the first. */
export function onceOf({ broker }: PageKit, c: PageContext, form: SentForm) {
  const once = form.text('once');
  if (!/^[A-Za-z0-9_-]{16,64}$/.test(once)) return undefined;
  const scoped = utf8(`${actorOf(c).person}\nform ${c.req.path}\n${once}`);
  return { key: hex(broker.hasher.sha256(scoped)), digest: c.get('bodyDigest') };
}

/** A part of the path, checked like everywhere else. @throws Failure `not-found` */
export function readParameter<Schema extends z.ZodType>(
  schema: Schema,
  given: string,
  what: Parameters<typeof notFound>[0],
): z.output<Schema> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw notFound(what);
}
