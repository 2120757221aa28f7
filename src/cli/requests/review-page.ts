import { openBrowser } from '../account/open-browser.ts';
import type { RequestView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { pictureForTerminal } from '../picture.ts';

export interface PageOptions {
  /** false: no picture of the address. */
  readonly qr?: boolean;
  /** false: no browser is opened. */
  readonly open?: boolean;
}

export const reviewPath = (request: string): string => `/requests/${request}/review`;

/** To whoever waits: what they send to a reviewer, or hold up to a phone. Nothing once it is decided. */
export async function tellReviewPage(
  context: CliContext,
  view: RequestView,
  { qr = true }: PageOptions,
): Promise<void> {
  const { server, person } = await context.api();
  const isTheirs = [view.person, ...view.people].some((one) => one.person === person);
  if (view.status !== 'pending' || !isTheirs) return;
  const url = `${server}${reviewPath(view.request)}`;
  context.output.progress(`to be reviewed at ${url}`);
  for (const line of qr ? pictureForTerminal(context, url) : []) context.output.progress(line);
}

/**
 * To a reviewer: the page on which the same is decided, opened where there is a browser, else for another device.
 * @returns whether it is open here
 */
export async function offerReviewPage(
  context: CliContext,
  request: string,
  { qr = true, open = true }: PageOptions,
): Promise<boolean> {
  const { surroundings, output, mayAsk } = context;
  const { server } = await context.api();
  const url = `${server}${reviewPath(request)}`;
  const isOpened = open && mayAsk && !output.json && (await openBrowser(surroundings, url));
  output.progress(isOpened ? `the page should open in your browser: ${url}` : `on the page: ${url}`);
  for (const line of qr && !isOpened ? pictureForTerminal(context, url) : []) output.progress(line);
  return isOpened;
}
