import type { GrantView, Session } from '../answers.ts';
import type { CodeSource } from '../code-source.ts';
import type { CliContext } from '../context.ts';
import { openSession } from './open-session.ts';

/** A session that was opened, with its grant as it stands since: the first opening sets the grant's end. */
export interface LiveSession {
  readonly session: Session;
  readonly grant: GrantView;
  /** Milliseconds since 1970. A cloud's shortest credentials may outlast a grant, and are of no use then. */
  readonly expiresAtMs: number;
}

/** @param code left out: nobody is asked, and the broker's `step-up-needed` is the caller's */
export async function openLiveSession(
  context: CliContext,
  grant: string,
  code?: CodeSource,
): Promise<LiveSession> {
  const session = await openSession(context, grant, code);
  const { client } = await context.api();
  const after = await (await client.v1.grants[':id'].$get({ param: { id: grant } })).json();
  return { session, grant: after, expiresAtMs: Math.min(Date.parse(session.expires_at), endMs(after)) };
}

const endMs = ({ ends_at }: GrantView): number =>
  ends_at === null ? Number.POSITIVE_INFINITY : Date.parse(ends_at);

/** The grant goes on for longer than these credentials: others can be had under it. */
export const isRenewable = ({ grant, expiresAtMs }: Pick<LiveSession, 'grant' | 'expiresAtMs'>): boolean =>
  expiresAtMs + 1_000 < endMs(grant);
