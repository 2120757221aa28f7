import type { BrowserContextOptions, CDPSession } from 'playwright-core';
import type { Name } from '../http/harness.ts';
import type { Stage, Visit } from './stage.ts';

/** A browser with an authenticator of its own, whose user is verified without being asked. */
export interface VisitWithAuthenticator extends Visit {
  readonly session: CDPSession;
  readonly authenticatorId: string;
}

const AUTHENTICATOR = {
  protocol: 'ctap2',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** @param transport one on `usb` says at once that it has no fitting passkey; `internal` waits for its user */
export async function withAuthenticator(
  visit: Visit,
  transport: 'internal' | 'usb' = 'internal',
): Promise<VisitWithAuthenticator> {
  const session = await visit.context.newCDPSession(visit.page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...AUTHENTICATOR, transport },
  });
  return { ...visit, session, authenticatorId };
}

/** On the account page. @param code of an authenticator; left out: a passkey that is there already signs */
export async function enrolPasskey({ page }: Visit, label: string, code?: string): Promise<void> {
  await page.goto('/account');
  await page.getByLabel('A name for it').fill(label);
  if (code !== undefined) await page.getByLabel('A code of a factor you already have').fill(code);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
}

/** One more, made by another authenticator while the first one signs for it; from then on both are in the first. */
export async function enrolSecondPasskey(visit: VisitWithAuthenticator, label: string): Promise<void> {
  const { page, session, authenticatorId } = visit;
  const kept: Awaited<ReturnType<typeof credentialsOf>> = [];
  const presence = (enabled: boolean) =>
    session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  const other = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...AUTHENTICATOR, transport: 'usb' },
  });
  await presence(false);
  // Made; before the first one signs for it, the other authenticator goes and leaves it to the first.
  await page.route(/\/v1\/passkeys\/[^/]+\/statements/, async (route) => {
    const { credentials } = await session.send('WebAuthn.getCredentials', other);
    await session.send('WebAuthn.removeVirtualAuthenticator', other);
    await presence(true);
    await route.continue();
    kept.push(...credentials);
  });
  await enrolPasskey(visit, label);
  await addCredentials(visit, kept);
}

export const credentialsOf = async ({ session, authenticatorId }: VisitWithAuthenticator) =>
  (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;

/** Found by their ids, not by asking the authenticator what it has: it would keep one of each person's alone. */
export async function addCredentials(
  { session, authenticatorId }: VisitWithAuthenticator,
  credentials: Awaited<ReturnType<typeof credentialsOf>>,
): Promise<void> {
  for (const { userHandle: _, ...found } of credentials) {
    const credential = { ...found, isResidentCredential: false };
    await session.send('WebAuthn.addCredential', { authenticatorId, credential });
  }
}

/** Visits of people who enrolled a passkey once and have it in every browser since, as one that is synced. */
export function passkeyHolders(stage: () => Stage) {
  const kept = new Map<Name, Awaited<ReturnType<typeof credentialsOf>>>();
  return async (name: Name, options: BrowserContextOptions = {}): Promise<VisitWithAuthenticator> => {
    const visit = await withAuthenticator(await stage().visit(name, options));
    const credentials = kept.get(name);
    if (credentials === undefined) await enrolPasskey(visit, 'key', stage().world.people[name].code());
    await addCredentials(visit, credentials ?? []);
    const close = async () => {
      kept.set(name, await credentialsOf(visit));
      await visit.close();
    };
    return { ...visit, close };
  };
}
