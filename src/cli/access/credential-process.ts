import { Failure } from '../../domain/errors.ts';
import type { GrantView } from '../answers.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { findInCatalog } from '../requests/submit-request.ts';
import { keptAnswer, type ProcessCredentials } from './kept-answers.ts';
import { type LiveSession, openLiveSession } from './live-session.ts';
import { findPendingRequest, findUsableGrant } from './obtain-grant.ts';

export interface CredentialsWanted {
  readonly entitlement: string;
  readonly targets: readonly string[] | undefined;
  readonly parameters: Readonly<Record<string, string>> | undefined;
}

/**
 * AWS SDKs and tools, “Sourcing credentials with an external process”: version 1, on stdout, and nothing else there.
 * It runs unseen, so it uses what is granted already and asks nobody. At a grant's end whatever carries it on is what is
 * usable then; nothing that is answered lasts longer than its grant.
 */
export async function credentialProcess(context: CliContext, wanted: CredentialsWanted): Promise<void> {
  const { entitlement } = wanted;
  const item = await findInCatalog(context, entitlement);
  if (item?.provider === 'token') throw noAws(entitlement);
  const grant = await findUsableGrant(context, wanted);
  if (grant === undefined) throw await nothingGranted(context, wanted);
  const answer = await keptAnswer(context.surroundings, grant, () => freshAnswer(context, grant));
  context.output.result(answer, [JSON.stringify(answer)]);
}

async function freshAnswer(context: CliContext, grant: GrantView): Promise<ProcessCredentials> {
  try {
    return awsAnswer(await openLiveSession(context, grant.grant));
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'step-up-needed') throw error;
    const { entitlement, target } = grant;
    throw new Ending(
      exitCode.signInFirst,
      `${grant.grant} was not opened on this machine yet, and that takes a code.`,
      `Once, in a terminal: countersign exec ${entitlement} --target ${target} -- true`,
    );
  }
}

function awsAnswer({ session: { credentials }, grant, expiresAtMs }: LiveSession): ProcessCredentials {
  if (credentials.kind !== 'aws') throw noAws(grant.entitlement);
  return {
    Version: 1,
    AccessKeyId: credentials.access_key_id,
    SecretAccessKey: credentials.secret_access_key,
    SessionToken: credentials.session_token,
    Expiration: new Date(expiresAtMs).toISOString(),
  };
}

const noAws = (entitlement: string): Ending =>
  new Ending(
    exitCode.usage,
    `${printable(entitlement)} gives no AWS credentials.`,
    `countersign exec ${entitlement} -- COMMAND …`,
  );

async function nothingGranted(context: CliContext, wanted: CredentialsWanted): Promise<Ending> {
  const pending = await findPendingRequest(context, wanted);
  if (pending !== undefined) {
    return new Ending(
      exitCode.stillPending,
      `${pending.request} is still pending.`,
      `countersign wait ${pending.request}`,
    );
  }
  const message = `You have no grant for ${printable(wanted.entitlement)}.`;
  return new Ending(exitCode.failure, message, `countersign request ${wanted.entitlement} -r TEXT`);
}
