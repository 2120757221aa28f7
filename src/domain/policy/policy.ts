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
  /** Which passkeys may be enrolled. Absent: any. */
  readonly passkeys?: PasskeyDemands;
  readonly waiting: Waiting;
  readonly entitlements: Readonly<Record<string, Entitlement>>;
  readonly emergency_principals: readonly EmergencyPrincipal[];
  /** Who signs in a group's place for a while. Absent: nobody. */
  readonly delegates?: readonly Delegation[];
  /** Several identities of one human, by a name of the policy's own: they sign, ask and vouch as one. */
  readonly humans?: Readonly<Record<string, readonly string[]>>;
  /** Who is told, and how. Absent: nobody. */
  readonly notify?: Notify;
}

/**
 * People. Membership is what the identity provider says in a fresh sign-in, `issuer` being a configured issuer's name;
 * or, where `people` is there, exactly who is listed.
 */
export interface Group {
  /** null: the members are listed in `people`. */
  readonly idp: string | null;
  /** null: the only issuer there is. */
  readonly issuer: string | null;
  /** Last day (UTC, inclusive) on which the group means anybody; null: no end. */
  readonly until: string | null;
  /** Person ids, each perhaps with a last day of its own. */
  readonly people?: readonly GroupMember[];
  /** Where the whole group is written to. */
  readonly mail?: string;
  /** When its people are usually awake: for lint, which looks for hours at which nobody could decide. No decision asks. */
  readonly awake?: AwakeHours;
}

export interface GroupMember {
  readonly person: string;
  /** Last day (UTC, inclusive); null: as long as the group. */
  readonly until: string | null;
}

export interface AwakeHours {
  /** `HH:MM`, local; `to` may lie on the next day. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly time_zone: string;
  readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
}

/** From the first to the last day (UTC, inclusive), members of `to` may review where `for` is asked. */
export interface Delegation {
  readonly for: string;
  readonly to: string;
  readonly from: string;
  readonly until: string;
}

export type Channel = 'email' | 'webhook';
export interface Notify {
  readonly zone_owners?: readonly Channel[];
  readonly reviewers?: readonly Channel[];
  readonly requesters?: readonly Channel[];
  readonly administrators?: readonly Channel[];
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
  /** Present: grants that rest on the ticket end when it no longer has the state that is asked for. */
  readonly closing?: 'ends-grants';
}

export type TicketState = 'open' | 'approved' | 'closed';

export type FactorKind = 'none' | 'totp' | 'passkey';
export interface Factors {
  readonly request: FactorKind;
  readonly review: FactorKind;
  readonly open: FactorKind;
}

/** What a policy wants of passkeys that are enrolled from now on. */
export interface PasskeyDemands {
  /** `required`: the authenticator's maker vouches for it; `none`: it is not asked. */
  readonly attestation: 'none' | 'required';
  /** AAGUIDs, sorted. Absent: any. Without an attestation the number is only what the device says of itself. */
  readonly authenticators?: readonly string[];
}

export interface Waiting {
  /** A request not decided by then is expired. */
  readonly review_seconds: number;
  /** An approved grant not used by then is expired. */
  readonly activation_seconds: number;
  /** How far ahead a start may be asked for. Absent: nothing is scheduled. */
  readonly schedule_seconds?: number;
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
  /** Once the stage has waited that long, `to` may decide it as well. */
  readonly escalate?: { readonly after_seconds: number; readonly to: string };
}

export interface Entitlement {
  readonly role: string;
  /** Sorted; never empty; all of one zone and one provider. */
  readonly targets: readonly string[];
  /** Sorted by resource, then action; no duplicates; never empty. Resources may hold `{parameter}`. */
  readonly scope: readonly Permission[];
  /** What a request must fill in. Absent: nothing. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly eligible: readonly string[];
  /** Name of a ticket rule; null: written `ticket: not-required`. */
  readonly ticket: string | null;
  /** In sequence. null: written `review: not-required`. Never an empty list. */
  readonly review: readonly Stage[] | null;
  readonly at_most_seconds: number;
  readonly break_glass: BreakGlass | null;
}

/** A value is text that the whole anchored pattern matches (policy/parameters.ts says which patterns there are). */
export interface Parameter {
  readonly pattern: string;
  /** In plain words, for people. */
  readonly says: string | null;
}

export interface BreakGlass {
  readonly at_most_seconds: number;
  /** What may be down. */
  readonly without: readonly ('identity-provider' | 'ticket' | 'witness')[];
  /** Person ids who may break the glass while the identity provider is down, on what it said within the last day. */
  readonly named?: readonly string[];
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
  readonly targets: Readonly<Record<string, Target>>;
  readonly zone: string;
  readonly zone_owner: string;
  readonly scope: readonly Permission[];
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly eligible: readonly string[];
  readonly ticket: TicketRule | null;
  readonly review: readonly Stage[] | null;
  readonly factors: Factors;
  readonly waiting: Waiting;
  readonly at_most_seconds: number;
  readonly break_glass: BreakGlass | null;
  /** Those that stand in for a group of its stages. Absent: none. */
  readonly delegates?: readonly Delegation[];
  readonly groups: Readonly<Record<string, Group>>;
  readonly workloads: Readonly<Record<string, Workload>>;
}
