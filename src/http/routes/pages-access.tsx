import type { Context } from 'hono';
import { Hono } from 'hono';
import { z } from 'zod';
import { ActiveAccessPage, type OpeningFailed } from '../../../web/pages/active-access.tsx';
import { OpenedSessionPage } from '../../../web/pages/opened-session.tsx';
import { sayLength } from '../../../web/said.ts';
import { text } from '../../../web/text.ts';
import { endGrant } from '../../app/grant/end-grant.ts';
import { type OpenedSession, openSession } from '../../app/grant/open-session.ts';
import { grantViews } from '../../app/views/grant-view.ts';
import { listGrants } from '../../app/views/list-requests.ts';
import { iso } from '../../app/views/time.ts';
import { visibleGrant } from '../../app/views/visible.ts';
import { Failure, sentence } from '../../domain/errors.ts';
import type { GrantId } from '../../domain/ids.ts';
import { base64url } from '../../log/bytes.ts';
import { actorOf } from '../caller.ts';
import { grantId } from '../fields.ts';
import {
  answerPage,
  frameOf,
  onceOf,
  type PageKit,
  readParameter,
  type SentForm,
  sentForm,
} from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';
import { factorIn } from '../sent-factor.ts';
import { requireSessionsInBrowsers } from '../sessions-in-browsers.ts';

/** What I hold, how it is used, and how it is given back. */
export const accessPages = (kit: PageKit) => {
  const { broker } = kit;
  return new Hono<HttpEnv>()
    .get('/access', async (c) => {
      const saved = z.coerce.number().int().min(0).max(43_200).safeParse(c.req.query('saved')).data;
      return answerAccess(kit, c, { ended: saved === undefined ? null : sayLength(saved), failed: null });
    })
    .post('/access/:id/end', async (c) => {
      const id = readParameter(grantId, c.req.param('id'), 'grant');
      const { seconds_saved } = await endGrant(broker, actorOf(c), id);
      return c.redirect(`/access?saved=${Math.max(0, Math.floor(seconds_saved))}`, 303);
    })
    .post('/access/:id/sessions', async (c) => {
      requireSessionsInBrowsers(c, kit);
      return answerOpening(kit, c, readParameter(grantId, c.req.param('id'), 'grant'));
    });
};

async function answerAccess(
  kit: PageKit,
  c: Context<HttpEnv>,
  told: { readonly ended: string | null; readonly failed: OpeningFailed | null },
): Promise<Response> {
  const { broker, sessionsInBrowsers } = kit;
  const [frame, { items }, known] = await Promise.all([
    frameOf(kit, c),
    listGrants(broker, actorOf(c), true, { limit: 50, before: undefined }),
    broker.policies.inForceIfAny(),
  ]);
  const grants = (await grantViews(broker, items)).map((grant) => ({
    grant,
    provider: known?.policy.targets[grant.target]?.provider ?? ('token' as const),
    factor: known?.rule(grant.entitlement)?.rule.factors.open ?? ('none' as const),
    // A form of its own each time: what was sent once is never opened again.
    once: sessionsInBrowsers ? base64url(broker.random.bytes(18)) : null,
  }));
  return answerPage(
    c,
    <ActiveAccessPage {...{ frame, grants, ...told }} />,
    told.failed === null ? 200 : 422,
  );
}

/** The only answer that ever holds the secret; whatever went wrong is said beside the grant. */
async function answerOpening(kit: PageKit, c: Context<HttpEnv>, grant: GrantId): Promise<Response> {
  const form = await sentForm(c);
  try {
    const { credentials, ...opened } = await openSession(kit.broker, actorOf(c), grant, {
      ...factorIn(form),
      idempotency: openingOf(kit, c, form),
    });
    if (credentials === null) throw new Failure('already-done', text.activeAccess.openedBefore);
    return await answerOpened(kit, c, { ...opened, credentials });
  } catch (error) {
    if (!(error instanceof Failure) || !SAID_ON_THE_PAGE.has(error.code)) throw error;
    const { code, message, mend, entry } = error;
    const failed = { grant, code, message: sentence(message), mend, entry };
    return answerAccess(kit, c, { ended: null, failed });
  }
}

/** The same form asks for the same opening, whatever code is typed into it: it is answered once. */
function openingOf(kit: PageKit, c: Context<HttpEnv>, form: SentForm) {
  const once = onceOf(kit, c, form);
  if (once === undefined) throw new Failure('malformed-input', text.activeAccess.noForm);
  return { key: once.key, digest: `sha256:${once.key}` };
}

async function answerOpened(
  kit: PageKit,
  c: Context<HttpEnv>,
  opened: OpenedSession & { readonly credentials: NonNullable<OpenedSession['credentials']> },
): Promise<Response> {
  const [frame, found] = await Promise.all([
    frameOf(kit, c),
    visibleGrant(kit.broker, actorOf(c), opened.grant),
  ]);
  const { session, grant, credentials, entries } = opened;
  const shown = {
    frame,
    session,
    grant,
    entitlement: found.state.entitlement,
    target: found.grant.target,
    expiresAt: iso(opened.expires_at_ms),
    credentials,
    entries,
  };
  return answerPage(c, <OpenedSessionPage {...shown} />);
}

const SAID_ON_THE_PAGE: ReadonlySet<string> = new Set([
  'refused-by-rule',
  'step-up-needed',
  'factor-wrong',
  'factor-throttled',
  'factor-missing',
  'already-done',
  'conflict',
  'stale',
  'ticket-source-unavailable',
  'provider-refused',
  'provider-unavailable',
]);
