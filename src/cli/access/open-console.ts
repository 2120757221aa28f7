import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { newsLine } from '../requests/request-news.ts';
import { findInCatalog } from '../requests/submit-request.ts';
import { sayMoment } from '../say-time.ts';
import { consoleAddress } from './aws-sign-in.ts';
import { handToBrowser } from './hand-to-browser.ts';
import type { LiveSession } from './live-session.ts';

/**
 * The cloud's own pages, under a session that is opened and recorded like any other. The address goes to the browser, or
 * to standard output where there is none.
 */
export async function openConsole(
  context: CliContext,
  entitlement: string,
  obtainSession: () => Promise<LiveSession>,
  options: { readonly open: boolean },
): Promise<void> {
  const item = await findInCatalog(context, entitlement);
  if (item !== undefined && item.provider !== 'aws') throw withoutConsole(entitlement);
  const { session, grant, expiresAtMs } = await obtainSession();
  const { credentials, entries } = session;
  if (credentials.kind !== 'aws') throw withoutConsole(entitlement);
  const { surroundings, output } = context;
  const { server } = await context.api();
  const issuer = `${server}/access`;
  const url = await consoleAddress({ credentials, issuer, environment: surroundings.environment });
  const expires_at = new Date(expiresAtMs).toISOString();
  const mayOpen = options.open && context.mayAsk && !output.json;
  const opened = mayOpen && (await handToBrowser(context, url));
  const told = { session: session.session, grant: grant.grant, expires_at, entries };
  if (!opened && surroundings.stdout.isTTY === true)
    output.progress(
      'who has this address has your access, for a quarter of an hour; it is on your screen now',
    );
  output.result({ ...told, url }, opened ? ['The console is open in your browser.'] : [url]);
  tellWhenItEnds(context, grant.grant, expires_at);
}

/** What AWS lets nobody end before its time is said before somebody counts on it. */
function tellWhenItEnds({ surroundings, output }: CliContext, grant: string, expiresAt: string): void {
  const until = sayMoment(expiresAt, surroundings.nowMs());
  output.progress(newsLine('when done, sign out there, and', `countersign end ${grant}`));
  output.progress(`ending it does not close a console that is open: it lasts until ${until}`);
}

const withoutConsole = (entitlement: string): Ending =>
  new Ending(
    exitCode.usage,
    `${printable(entitlement)} has no console: its access is a token for a service.`,
    `countersign exec ${printable(entitlement)} -- COMMAND`,
  );
