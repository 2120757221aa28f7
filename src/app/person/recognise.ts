import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import { workloadNamed } from '../../domain/policy/membership.ts';
import { base64url, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { ProvenCall, SignedIn } from '../identity-ports.ts';
import { claimsOf, type WithoutProvider } from './cached-membership.ts';

export interface Human {
  readonly actor: Actor;
  readonly signedIn: SignedIn;
}

/**
 * A person by our own token and its key's proof, with groups no older than the issuer's configuration allows: what was
 * taken away from them since they signed in counts.
 */
export async function recogniseHuman(
  broker: Broker,
  call: ProvenCall & {
    readonly accessToken: string;
    readonly address: string | null;
    readonly withoutProvider: WithoutProvider;
  },
): Promise<Human> {
  const { accessToken, proof, method, url } = call;
  const signedIn = await broker.accessTokens.authenticate({ accessToken, proof, method, url });
  return recogniseSignedIn(broker, signedIn, call);
}

/** The person of a sign-in, whatever showed it to be theirs, with groups as fresh as on every call. */
export async function recogniseSignedIn(
  broker: Broker,
  signedIn: SignedIn,
  call: { readonly address: string | null; readonly withoutProvider: WithoutProvider },
): Promise<Human> {
  const { groups, claimsAtMs, membership } = await claimsOf(broker, signedIn, call.withoutProvider);
  const actor: Actor = {
    kind: 'human',
    person: signedIn.person,
    signIn: signedIn.signIn,
    issuer: signedIn.issuer,
    idpGroups: groups,
    claimsAtMs,
    membership,
    keyThumbprint: signedIn.keyThumbprint,
    workload: null,
    address: call.address,
  };
  return { actor, signedIn };
}

/** A pipeline by its own issuer's token. Only one that the policy in force names is anybody. */
export async function recogniseWorkload(
  broker: Broker,
  call: { readonly token: string; readonly address: string | null },
): Promise<Actor> {
  const nowMs = broker.clock.nowMs();
  const facts = await broker.authenticateWorkload(call.token, nowMs);
  const known = await broker.policies.inForce();
  const found = workloadNamed(known.policy, { issuer: facts.issuer, subject: facts.subject });
  if (found === undefined) {
    throw new Failure(
      'not-signed-in',
      'The policy in force names no workload with this issuer and subject.',
      {
        mend: 'Add it under `workloads:` and publish the policy.',
      },
    );
  }
  const key = utf8(`${facts.issuerUrl}\n${facts.keyId ?? ''}\n${facts.subject}`);
  return {
    kind: 'workload',
    person: broker.namePerson('workload', facts.issuerUrl, facts.subject),
    signIn: null,
    issuer: facts.issuer,
    idpGroups: [],
    // Its issuer's clock may be a little ahead of ours; nothing was told later than now.
    claimsAtMs: Math.min(facts.issuedAt * 1000, nowMs),
    membership: 'fresh',
    keyThumbprint: base64url(broker.hasher.sha256(key)),
    workload: found.name,
    address: call.address,
  };
}
