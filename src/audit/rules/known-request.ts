import type { ResolvedRule } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { atFault, type Hearing, notCheckable, type Unheard } from '../hearing.ts';
import type { GrantState, RequestState } from '../state.ts';

/** Every entry that follows a request. */
type OnRequest = Extract<JudgedEntry, { readonly data: { readonly request: string } }>;
type OnGrant = Extract<JudgedEntry, { readonly data: { readonly request: string; readonly grant: string } }>;

export interface Known {
  readonly request: RequestState;
  /** The rule under which it was asked. */
  readonly rule: ResolvedRule;
}

export interface Granted extends Known {
  readonly grant: GrantState;
}

export function knownRequest({ data }: OnRequest, { state }: Hearing): Known | Unheard {
  const request = state.requests.get(data.request);
  if (request === undefined) return atFault('request-is-known', `there is no open request ${data.request}`);
  const { rule } = request;
  return rule === undefined
    ? notCheckable(`the rule of ${request.entitlement} is missing`)
    : { request, rule };
}

export function knownGrant(entry: OnGrant, hearing: Hearing): Granted | Unheard {
  const known = knownRequest(entry, hearing);
  if ('unheard' in known) return known;
  const grant = known.request.grants.get(entry.data.grant);
  return grant === undefined
    ? atFault('request-is-known', `${entry.data.request} was never approved as ${entry.data.grant}`)
    : { ...known, grant };
}

/** The grant to go on from, judged or not. */
export const grantOf = ({ data }: OnGrant, { state }: Hearing): GrantState | undefined =>
  state.requests.get(data.request)?.grants.get(data.grant);
