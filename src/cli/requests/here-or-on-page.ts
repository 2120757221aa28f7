import { setTimeout as pause } from 'node:timers/promises';
import { signInBrowser } from '../account/sign-in-browser.ts';
import type { RequestView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { offerReviewPage, type PageOptions, reviewPath } from './review-page.ts';

const LOOKS_EVERY_MS = 1_000;

export interface Decidable {
  readonly request: string;
  /** No terminal can sign it. */
  readonly needsPasskey: boolean;
  readonly options: PageOptions & { readonly totpStdin?: boolean };
  /** Whether nothing is left for this reviewer to decide. */
  isOver(view: RequestView): boolean;
  /** How it came out on the page. */
  tell(after: RequestView): void;
}

/**
 * The same decision can be made on the page that opens, and by an answer here: whichever comes first.
 * @returns what was answered here; undefined: it was decided on the page, and told
 * @throws Ending `signInFirst` where it needs a passkey and no page opened
 */
export async function hereOrOnPage<Answer>(
  context: CliContext,
  what: Decidable,
  ask: (signal: AbortSignal | undefined) => Promise<Answer>,
): Promise<Answer | undefined> {
  const page = await openPage(context, what);
  try {
    if (!what.needsPasskey) return await ask(page?.signal);
    if (page === undefined) throw signInBrowser(await context.api(), reviewPath(what.request));
    await untilOver(context, page.signal);
  } catch (error) {
    if (page?.after() === undefined) throw error;
  } finally {
    page?.stop();
  }
  const after = page?.after();
  if (after !== undefined) what.tell(after);
  return undefined;
}

interface OpenPage {
  /** Aborted once nothing is left to be decided. */
  readonly signal: AbortSignal;
  /** As the request is since then; undefined: it still waits. */
  after(): RequestView | undefined;
  stop(): void;
}

/** undefined: no browser opened it here. */
async function openPage(context: CliContext, what: Decidable): Promise<OpenPage | undefined> {
  const { request, options } = what;
  const isOpen = options.totpStdin !== true && (await offerReviewPage(context, request, options));
  if (!isOpen) return undefined;
  const [over, stopped] = [new AbortController(), new AbortController()];
  let after: RequestView | undefined;
  const watch = async () => {
    while (after === undefined) {
      await pause(LOOKS_EVERY_MS, undefined, { signal: stopped.signal });
      // A look that fails is followed by the next; whoever types is not disturbed by it.
      const view = await look(context, request).catch(() => undefined);
      if (view !== undefined && what.isOver(view)) after = view;
    }
    over.abort();
  };
  watch().catch(() => undefined);
  return { signal: over.signal, after: () => after, stop: () => stopped.abort() };
}

async function look(context: CliContext, request: string): Promise<RequestView> {
  const { client } = await context.api();
  return (await client.v1.requests[':id'].$get({ param: { id: request } })).json();
}

/** @throws Ending `interrupted` */
async function untilOver({ surroundings, output }: CliContext, signal: AbortSignal): Promise<void> {
  output.progress('sign it there, with your passkey; Ctrl-C here leaves it undecided');
  await new Promise<void>((resolve, reject) => {
    const back = surroundings.onInterrupt(() => {
      back();
      reject(new Ending(exitCode.interrupted, 'Interrupted; nothing was decided here.'));
    });
    signal.addEventListener('abort', () => {
      back();
      resolve();
    });
  });
}
