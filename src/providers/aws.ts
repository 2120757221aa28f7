import type { STSClientConfig } from '@aws-sdk/client-sts';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { OpenOutcome, PreparedSession, Provider } from '../app/ports.ts';
import type { AwsSettings } from './aws/assume-role-parameters.ts';
import {
  assumeRoleInput,
  assumeRoleScope,
  prepareAssumeRole,
  readAssumeRole,
} from './aws/assume-role-parameters.ts';
import { believeAnswer } from './aws/believe-answer.ts';
import { LEAST_SESSION_SECONDS, MOST_CHAINED_SECONDS, MOST_SESSION_SECONDS } from './aws/limits.ts';
import { readRefusal } from './aws/read-refusal.ts';

export interface AwsProviderParts extends AwsSettings {
  /** A private endpoint instead of the region's public one. */
  readonly endpoint?: string;
  /** The broker's own; left out: the SDK's chain (environment, container, instance). */
  readonly credentials?: NonNullable<STSClientConfig['credentials']>;
}

/**
 * Sessions of AWS roles by AssumeRole. Grant id is session name and source identity, so that CloudTrail names
 * it. Must not throw, log or answer with credentials anywhere but in `OpenOutcome.credentials`.
 */
export function awsProvider(parts: AwsProviderParts): Provider {
  const clientOf = regionalClients(parts);
  return {
    kind: 'aws',
    leastSeconds: LEAST_SESSION_SECONDS,
    mostSeconds: parts.chained ? MOST_CHAINED_SECONDS : MOST_SESSION_SECONDS,
    outlivesRevocation:
      'Everything opened works until the session ends by itself: its credentials, and then what was begun with them ' +
      '(consoles, open shells, database connections, tokens of EKS and ECR, signed links).',
    revocationChannel: 'expiry',
    prepare: (plan) => prepareAssumeRole(plan, parts),
    scopeOf: assumeRoleScope,
    open: (prepared, signal) => open(prepared, signal, clientOf),
    revoke: async () => 'by-expiry',
  };
}

async function open(
  prepared: PreparedSession,
  signal: AbortSignal,
  clientOf: (region: string) => STSClient,
): Promise<OpenOutcome> {
  const parameters = readAssumeRole(prepared);
  if (parameters === undefined) return unsent('What was prepared is no call of AssumeRole.', false);
  if (signal.aborted) return unsent('The call was given up before anything was sent.', true);
  try {
    const command = new AssumeRoleCommand(assumeRoleInput(parameters));
    const answer = await clientOf(parameters.sts_region).send(command, { abortSignal: signal });
    return believeAnswer(answer, parameters, prepared);
  } catch (error) {
    return readRefusal(error);
  }
}

function unsent(reason: string, retryable: boolean): OpenOutcome {
  return { outcome: 'refused', reason, mend: 'Open the session again.', retryable };
}

function regionalClients({ endpoint, credentials }: AwsProviderParts): (region: string) => STSClient {
  const clients = new Map<string, STSClient>();
  return (region) => {
    const client =
      clients.get(region) ??
      new STSClient({
        region,
        // One intent in the log, one call: a retry inside the SDK could open a second session that no entry
        // knows.
        maxAttempts: 1,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(credentials === undefined ? {} : { credentials }),
      });
    clients.set(region, client);
    return client;
  };
}
