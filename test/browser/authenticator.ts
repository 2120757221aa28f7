import type { BrowserContextOptions, CDPSession } from 'playwright-core';
import type { Name } from '../http/harness.ts';
import type { Stage, Visit } from './stage.ts';

/** A browser with an authenticator of its own, whose user is verified without being asked. */
export interface VisitWithAuthenticator extends Visit {
  readonly session: CDPSession;
  readonly authenticatorId: string;
}

export async function withAuthenticator(visit: Visit): Promise<VisitWithAuthenticator> {
  const session = await visit.context.newCDPSession(visit.page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
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

const credentialsOf = async ({ session, authenticatorId }: VisitWithAuthenticator) =>
  (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;

/** Visits of people who enrolled a passkey once and have it in every browser since, as one that is synced. */
export function passkeyHolders(stage: () => Stage) {
  const kept = new Map<Name, Awaited<ReturnType<typeof credentialsOf>>>();
  return async (name: Name, options: BrowserContextOptions = {}): Promise<VisitWithAuthenticator> => {
    const visit = await withAuthenticator(await stage().visit(name, options));
    const { session, authenticatorId } = visit;
    const credentials = kept.get(name);
    if (credentials === undefined) await enrolPasskey(visit, 'key', stage().world.people[name].code());
    for (const credential of credentials ?? []) {
      await session.send('WebAuthn.addCredential', { authenticatorId, credential });
    }
    const close = async () => {
      kept.set(name, await credentialsOf(visit));
      await visit.close();
    };
    return { ...visit, close };
  };
}
