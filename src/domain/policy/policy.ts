/**
 * The policy as the rest of the program sees it: parsed, complete, in one canonical JSON value. Its RFC 8785 form is
 * what the digest in the log is taken over, so a field here is a promise: add, never change the meaning.
 * Durations are whole seconds; names are canonical (NFC, no control characters, see log/canonical-json.ts).
 */
export interface Policy {
  readonly version: 1;
  readonly groups: Readonly<Record<string, Group>>;
  readonly workloads: Readonly<Record<string, Workload>>;
  readonly administrators: { readonly from: string; readonly publish_needs: number };
  readonly auditors: { readonly from: string } | null;
  readonly zones: Readonly<Record<string, { readonly owner: string }>>;
  readonly targets: Readonly<Record<string, Target>>;
  readonly ticket_sources: Readonly<Record<string, { readonly kind: 'register' }>>;
  readonly tickets: Readonly<Record<string, TicketRule>>;
  readonly factors: Factors;
  readonly waiting: Waiting;
  readonly entitlements: Readonly<Record<string, Entitlement>>;
  readonly emergency_principals: readonly EmergencyPrincipal[];
}

/** Membership is what the identity provider says in a fresh sign-in; `issuer` is a configured issuer's name. */
export interface Group {
  readonly idp: string;
  /** null: the only issuer there is. */
  readonly issuer: string | null;
  /** Last day (UTC, inclusive) on which the group means anybody; null: no end. */
  readonly until: string | null;
}

/** A pipeline or agent. `issuer` is a configured workload issuer's name; members of `sponsor` answer for it. */
export interface Workload {
  readonly issuer: string;
  readonly subject: string;
  readonly sponsor: string;
}

export type Target = { readonly zone: string } & (
  | { readonly provider: 'token'; readonly audience: string }
  | { readonly provider: 'aws'; readonly account: string; readonly regions: readonly string[] }
);

export interface TicketRule {
  readonly source: string;
  readonly project: string;
  readonly state: TicketState;
  /** The part the requester must play in the ticket. */
  readonly requester: 'responder' | 'assignee' | 'anyone';
  readonly window: 'required' | 'not-required';
}

export type TicketState = 'open' | 'approved' | 'closed';

export type FactorKind = 'none' | 'totp' | 'passkey';
export interface Factors {
  readonly request: FactorKind;
  readonly review: FactorKind;
  readonly open: FactorKind;
}

export interface Waiting {
  /** A request not decided by then is expired. */
  readonly review_seconds: number;
  /** An approved grant not used by then is expired. */
  readonly activation_seconds: number;
}

export type Access = 'read' | 'write' | 'destructive' | 'credentials';

/** One thing that can be done to one resource. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly access: Access;
}

export interface Stage {
  /** Distinct humans needed. */
  readonly people: number;
  readonly from: string;
}

export interface Entitlement {
  readonly role: string;
  readonly target: string;
  /** Sorted by resource, then action; no duplicates; never empty. */
  readonly scope: readonly Permission[];
  readonly eligible: readonly string[];
  /** Name of a ticket rule; null: written `ticket: not-required`. */
  readonly ticket: string | null;
  /** In sequence. null: written `review: not-required`. Never an empty list. */
  readonly review: readonly Stage[] | null;
  readonly at_most_seconds: number;
  readonly break_glass: BreakGlass | null;
}

export interface BreakGlass {
  readonly at_most_seconds: number;
  /** What may be down. */
  readonly without: readonly ('ticket' | 'witness')[];
  readonly review: { readonly people: number; readonly from: string; readonly within_seconds: number };
}

export interface EmergencyPrincipal {
  readonly role: string;
  readonly target: string;
  readonly drill_every_days: number;
}

/**
 * Everything the policy says about one entitlement, with the groups it names spelled out. An approval counts only
 * while the digest of this value is unchanged.
 */
export interface ResolvedRule {
  readonly entitlement: string;
  readonly role: string;
  readonly target: string;
  readonly target_detail: Target;
  readonly zone: string;
  readonly zone_owner: string;
  readonly scope: readonly Permission[];
  readonly eligible: readonly string[];
  readonly ticket: TicketRule | null;
  readonly review: readonly Stage[] | null;
  readonly factors: Factors;
  readonly waiting: Waiting;
  readonly at_most_seconds: number;
  readonly break_glass: BreakGlass | null;
  readonly groups: Readonly<Record<string, Group>>;
  readonly workloads: Readonly<Record<string, Workload>>;
}
