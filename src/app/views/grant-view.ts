import type { Access } from '../../domain/policy/policy.ts';
import { coveredUntilMs } from '../../domain/request/cover.ts';
import type { GrantState, RequestState, SessionState } from '../../domain/request/state.ts';
import { type GrantStatus, grantStatus } from '../../domain/request/status.ts';
import type { Broker } from '../broker.ts';
import { type Extension, extensionsOf } from './extensions.ts';
import { namesOf, type PersonName } from './names.ts';
import { iso, isoOrNull } from './time.ts';

export interface ScopeItem {
  readonly action: string;
  readonly resource: string;
  readonly access: Access;
}

export interface GrantView {
  readonly grant: string;
  readonly request: string;
  readonly status: GrantStatus;
  readonly person: PersonName;
  readonly target: string;
  readonly entitlement: string;
  readonly scope: readonly ScopeItem[];
  readonly duration_seconds: number;
  /** Not usable before; null: from the approval on. */
  readonly starts_at: string | null;
  /** The grant that it carries on; null: none. */
  readonly extends: string | null;
  /** The approved grant that carries this one on from its end; null: none. */
  readonly extended_by: string | null;
  /** Until when the access could be had if it is used from now, or from its start, on: approved extensions included. */
  readonly covers_until: string | null;
  readonly activate_by: string;
  readonly ends_at: string | null;
  readonly sessions: readonly {
    readonly session: string;
    readonly phase: SessionState['phase'];
    readonly opened_at: string;
    readonly ends_at: string;
  }[];
  readonly ended_at: string | null;
  readonly revoke_requested_at: string | null;
  readonly revoke_confirmed_at: string | null;
  /** Why the broker took it away by itself; null: it did not. */
  readonly cut_off_because: 'ticket-closed' | 'person-left' | 'extended-grant-revoked' | null;
}

/** What a view of grants is told with. */
export interface GrantTold {
  readonly name: (person: string) => PersonName;
  /** Those that carry a grant on, one after the other. */
  readonly extensions: (grant: string) => readonly Extension[];
  readonly nowMs: number;
}

/** A grant as it stands at `nowMs`: what time has ended is over, whether that was written or not. */
export function grantView(
  state: RequestState,
  grant: GrantState,
  { name, extensions, nowMs }: GrantTold,
): GrantView {
  const chain = extensions(grant.grant);
  return {
    grant: grant.grant,
    request: state.request ?? '',
    status: grantStatus(grant, nowMs),
    person: name(grant.person),
    target: grant.target,
    entitlement: state.entitlement,
    scope: grant.scope,
    duration_seconds: grant.seconds,
    starts_at: isoOrNull(grant.startsAtMs),
    extends: state.extends?.grant ?? null,
    extended_by: chain[0]?.grant.grant ?? null,
    covers_until: isoOrNull(coveredUntilMs(grant, chain, nowMs)),
    activate_by: iso(grant.activateByMs),
    ends_at: isoOrNull(grant.endsAtMs),
    sessions: Object.values(grant.sessions).map(({ session, phase, openingAtMs, endsAtMs }) => ({
      session,
      phase,
      opened_at: iso(openingAtMs),
      ends_at: iso(endsAtMs),
    })),
    ended_at: isoOrNull(grant.endedAtMs),
    revoke_requested_at: isoOrNull(grant.revokeRequestedAtMs),
    revoke_confirmed_at: isoOrNull(grant.revokeConfirmedAtMs),
    cut_off_because: grant.cutOff?.cause ?? null,
  };
}

/** Several grants in a few reads. Who may see them is the caller's to check. */
export async function grantViews(
  broker: Broker,
  found: readonly { readonly state: RequestState; readonly grant: GrantState }[],
): Promise<readonly GrantView[]> {
  const [name, extensions] = await Promise.all([
    namesOf(
      broker,
      found.map(({ grant }) => grant.person),
    ),
    extensionsOf(
      broker,
      found.map(({ grant }) => grant.grant),
    ),
  ]);
  const told: GrantTold = { name, extensions, nowMs: broker.clock.nowMs() };
  return found.map(({ state, grant }) => grantView(state, grant, told));
}
