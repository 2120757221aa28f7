import type { Broker } from '../../app/broker.ts';
import { type AskedByDevice, confirmDevice, deviceAskFor } from '../../app/person/device-asks.ts';
import { iso } from '../../app/views/time.ts';
import { Failure, sentence } from '../../domain/errors.ts';
import { humanOf } from '../caller.ts';
import { limitByPerson } from '../middleware/rate-limit.ts';
import { FORM_TOKEN_FIELD } from '../middleware/same-origin.ts';
import { visitor } from '../middleware/visitor.ts';
import { defaultLimits, type HttpParts } from '../parts.ts';
import { routes } from '../route.ts';
import { Page, pageText } from './page.tsx';

/** Where somebody lets in a machine without a browser. Works without a script. */
export function devicePages(broker: Broker, parts: Pick<HttpParts, 'browserIdleMs' | 'limits'>) {
  const app = routes();
  // Whoever guesses codes guesses as somebody.
  const { calls } = { ...defaultLimits, ...parts.limits };
  app.use('/device', visitor(broker, parts), limitByPerson(calls, broker.clock));

  app.get('/device', async (c) => {
    const typed = c.req.query('code') ?? '';
    if (typed === '') return c.html(await pageText(<TypeCode typed="" mistake={null} />));
    try {
      const asked = await deviceAskFor(broker, typed);
      return c.html(await pageText(<Confirm asked={asked} formToken={humanOf(c).formToken ?? ''} />));
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'not-found')) throw error;
      const page = <TypeCode typed={typed.slice(0, 20)} mistake={error.message} />;
      return c.html(await pageText(page), 404);
    }
  });

  app.post('/device', async (c) => {
    const { actor } = humanOf(c);
    const typed = new URLSearchParams(await c.req.text()).get('code') ?? '';
    const asked = await confirmDevice(broker, actor.person, typed);
    return c.html(await pageText(<GoOn asked={asked} issuer={actor.issuer} />));
  });

  app.get('/device/done', async (c) => c.html(await pageText(<Done />)));
  return app;
}

const TypeCode = ({ typed, mistake }: { readonly typed: string; readonly mistake: string | null }) => (
  <Page title="Sign in a machine · Countersign">
    <main>
      <h1>Sign in a machine without a browser</h1>
      <form method="get" action="/device">
        <label for="code">The code that its terminal shows</label>
        <input
          id="code"
          name="code"
          value={typed}
          maxlength={20}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          required
          {...(mistake === null ? {} : { 'aria-invalid': 'true', 'aria-describedby': 'mistake' })}
        />
        {mistake === null ? null : <p id="mistake">{sentence(mistake)}</p>}
        <button type="submit">Next</button>
      </form>
    </main>
  </Page>
);

const Confirm = ({ asked, formToken }: { readonly asked: AskedByDevice; readonly formToken: string }) => (
  <Page title="Sign in a machine · Countersign">
    <main>
      <h1>Is this your machine?</h1>
      <p>
        Its terminal must show these very words: <strong>{asked.phrase}</strong>
      </p>
      <p>
        It asked at <time datetime={iso(asked.askedAtMs)}>{iso(asked.askedAtMs)}</time>
        {asked.address === null ? null : ` from ${asked.address}`}
        {asked.userAgent === null ? null : ` with ${asked.userAgent}`}, by its own account. Once you let it in
        it may ask for access in your name, and nothing else.
      </p>
      <p>
        If somebody sent you this code, or no terminal of yours shows the words, close this page: nothing has
        happened.
      </p>
      <form method="post" action="/device">
        <input type="hidden" name={FORM_TOKEN_FIELD} value={formToken} />
        <input type="hidden" name="code" value={asked.userCode} />
        <button type="submit">The words are the same: it is mine</button>
      </form>
    </main>
  </Page>
);

const GoOn = ({ asked, issuer }: { readonly asked: AskedByDevice; readonly issuer: string }) => (
  <Page title="Sign in a machine · Countersign">
    <main>
      <h1>One step more</h1>
      <p>
        Let {issuer} say that it is you:{' '}
        <a href={`/sign-in/device/${issuer}/${asked.userCode}`}>sign the machine in</a>.
      </p>
    </main>
  </Page>
);

const Done = () => (
  <Page title="Signed in · Countersign">
    <main>
      <h1>The machine is signed in</h1>
      <p>
        Its terminal goes on within seconds. It may ask, see and withdraw; everything else is done here or in
        a terminal beside a browser.
      </p>
    </main>
  </Page>
);
