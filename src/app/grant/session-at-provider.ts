import { digestOf } from '../../domain/digest.ts';
import { Failure } from '../../domain/errors.ts';
import type { SessionId } from '../../domain/ids.ts';
import { sameScope } from '../../domain/policy/narrow.ts';
import { own } from '../../domain/policy/own.ts';
import type { Permission } from '../../domain/policy/policy.ts';
import type { Prepared } from '../../domain/request/open-context.ts';
import type { Settlement } from '../../domain/request/settle.ts';
import type { GrantState, RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import type { KnownPolicy } from '../policy/policy-in-force.ts';
import type { OpenOutcome, PreparedSession, Provider } from '../ports.ts';
import { notFound } from './find-grant.ts';

const CLOUD_ANSWERS_WITHIN_MS = 15_000;

/** What is to be sent, and what it is compared with before it is. */
export interface Planned {
  readonly prepared: PreparedSession;
  /** Digest of the parameters, as the entry has it. */
  readonly recorded: string;
  /** What was approved. */
  readonly scope: readonly Permission[];
}

/** The provider's words for a session under this grant; `told` is what the entry says of them. */
export function planSession(
  broker: Broker,
  known: KnownPolicy,
  state: RequestState,
  grant: GrantState,
  at: { readonly session: SessionId; readonly nowMs: number; readonly endsAtMs: number },
): { readonly planned: Planned; readonly told: Prepared } {
  const prepared = prepare(broker, known, state, grant, at);
  const told = withDigest(broker, prepared);
  return { planned: { prepared, recorded: told.parametersDigest, scope: grant.scope }, told };
}

/** Sends what was planned, if it is still what was recorded and approved. */
export async function callProvider(broker: Broker, planned: Planned): Promise<OpenOutcome> {
  const provider = providerOf(broker, planned.prepared.provider);
  return isAsRecorded(broker, provider, planned) ? callCloud(provider, planned.prepared) : notAsRecorded;
}

function prepare(
  broker: Broker,
  known: KnownPolicy,
  state: RequestState,
  grant: GrantState,
  at: { readonly session: SessionId; readonly nowMs: number; readonly endsAtMs: number },
): PreparedSession {
  const rule = known.rule(state.entitlement)?.rule;
  if (rule === undefined) throw notFound('entitlement');
  const target = own(rule.targets, grant.target);
  if (target === undefined) throw notFound('target');
  return providerOf(broker, target.provider).prepare({
    session: at.session,
    grant: grant.grant,
    person: grant.person,
    role: rule.role,
    targetName: grant.target,
    target,
    scope: grant.scope,
    nowMs: at.nowMs,
    endsAtMs: at.endsAtMs,
  });
}

function withDigest(broker: Broker, prepared: PreparedSession): Prepared {
  const { parameters, ...rest } = prepared;
  const copy: Prepared['parameters'] = structuredClone(parameters) as Prepared['parameters'];
  const scope = providerOf(broker, prepared.provider).scopeOf(prepared);
  return { ...rest, parameters: copy, parametersDigest: digestOf(broker.hasher, copy), scope };
}

/** Between the entry and the call nothing may have changed: what is sent is what was recorded, and what was approved. */
function isAsRecorded(broker: Broker, provider: Provider, { prepared, recorded, scope }: Planned): boolean {
  const said = provider.scopeOf(prepared);
  return (
    digestOf(broker.hasher, structuredClone(prepared.parameters) as Prepared['parameters']) === recorded &&
    said !== undefined &&
    sameScope(said, scope)
  );
}

function providerOf(broker: Broker, kind: 'token' | 'aws'): Provider {
  const provider = broker.providers.get(kind);
  if (provider !== undefined) return provider;
  throw new Failure('provider-unavailable', `This broker is not configured for ${kind} targets.`, {
    mend: `Add ${kind} to the broker’s configuration (docs/configuration.md) and start it again.`,
  });
}

const notAsRecorded: OpenOutcome = {
  outcome: 'refused',
  reason: 'what would have been sent was not what was recorded; nothing was sent',
  mend: 'Tell the operator of this broker: it is a defect of the provider.',
  retryable: false,
};

/** Never longer than the intent says: after that, whoever comes by settles it. */
async function callCloud(provider: Provider, prepared: PreparedSession): Promise<OpenOutcome> {
  try {
    return await provider.open(prepared, AbortSignal.timeout(CLOUD_ANSWERS_WITHIN_MS));
  } catch {
    // What the error says may quote the call; that it came is enough to count the session as possibly open.
    return {
      outcome: 'unknown',
      reason: 'the provider failed in a way that leaves open whether a session exists',
    };
  }
}

/** What becomes of it in the log. */
export function settlementOf(outcome: OpenOutcome): Settlement {
  if (outcome.outcome !== 'opened') {
    return { kind: 'failed', reason: outcome.reason, certain: outcome.outcome === 'refused' };
  }
  const { cloudSession, providerRequest, expiresAtMs, packedPolicyPercent } = outcome;
  return { kind: 'opened', cloudSession, providerRequest, expiresAtMs, packedPolicyPercent };
}

/** What the caller is told when there are no credentials for them. */
export function failureOf(outcome: OpenOutcome, entry: number | undefined): Failure {
  const at = entry === undefined ? {} : { entry };
  if (outcome.outcome === 'refused') {
    return new Failure('provider-refused', `The cloud refused the session: ${outcome.reason}`, {
      ...(outcome.mend === null ? {} : { mend: outcome.mend }),
      ...at,
    });
  }
  if (outcome.outcome === 'unknown') {
    return new Failure('provider-unavailable', `The cloud gave no clear answer: ${outcome.reason}`, {
      mend: 'A session may exist; it counts as open until its end. Try again with a new Idempotency-Key.',
      ...at,
    });
  }
  return new Failure(
    'conflict',
    'The cloud answered too late, or the grant ended meanwhile; the credentials were thrown away.',
    at,
  );
}
