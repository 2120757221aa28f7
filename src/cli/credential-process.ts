import type { Session } from './answers.ts';
import type { CliContext } from './context.ts';
import { Ending } from './ending.ts';
import { exitCode } from './exit-codes.ts';
import { findPendingRequest, findUsableGrant } from './obtain-grant.ts';
import { openSession } from './open-session.ts';
import { printable } from './output.ts';
import { findInCatalog } from './submit-request.ts';

/**
 * AWS SDKs and tools, “Sourcing credentials with an external process”: version 1, on stdout, and nothing else there.
 * It runs unseen, so it uses what is granted already and asks nobody.
 */
export async function credentialProcess(context: CliContext, entitlement: string): Promise<void> {
  const item = await findInCatalog(context, entitlement);
  if (item?.provider === 'token') throw noAws(entitlement);
  const grant = await findUsableGrant(context, { entitlement });
  if (grant === undefined) throw await nothingGranted(context, entitlement);
  const answer = awsAnswer(entitlement, await openSession(context, grant.grant));
  context.output.result(answer, [JSON.stringify(answer)]);
}

function awsAnswer(entitlement: string, { credentials, expires_at }: Session) {
  if (credentials.kind !== 'aws') throw noAws(entitlement);
  return {
    Version: 1,
    AccessKeyId: credentials.access_key_id,
    SecretAccessKey: credentials.secret_access_key,
    SessionToken: credentials.session_token,
    Expiration: expires_at,
  };
}

const noAws = (entitlement: string): Ending =>
  new Ending(
    exitCode.usage,
    `${printable(entitlement)} gives no AWS credentials.`,
    `countersign exec ${entitlement} -- COMMAND …`,
  );

async function nothingGranted(context: CliContext, entitlement: string): Promise<Ending> {
  const pending = await findPendingRequest(context, { entitlement });
  if (pending !== undefined) {
    return new Ending(
      exitCode.stillPending,
      `${pending.request} is still pending.`,
      `countersign wait ${pending.request}`,
    );
  }
  const message = `You have no grant for ${printable(entitlement)}.`;
  return new Ending(exitCode.failure, message, `countersign request ${entitlement} -r TEXT`);
}
