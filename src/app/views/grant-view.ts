import type { Access } from '../../domain/policy/policy.ts';
import type { GrantState, RequestState, SessionState } from '../../domain/request/state.ts';
import { type GrantStatus, grantStatus } from '../../domain/request/status.ts';
import type { PersonName } from './names.ts';
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
}

/** A grant as it stands at `nowMs`: what time has ended is over, whether that was written or not. */
export function grantView(
  state: RequestState,
  grant: GrantState,
  name: (person: string) => PersonName,
  nowMs: number,
): GrantView {
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
  };
}
