import type { Access } from '../policy.ts';

/**
 * What publishing one policy over another does, small enough to be signed: who gains and who loses what, in groups, in
 * people and in actions, and what becomes looser. Equal policies have an empty plan. All lists are sorted or in the
 * order of the file, and cut where a count stands beside them; nothing but JSON values.
 */
export interface PolicyPlan {
  /** One for each entitlement whose resolved rule differs. */
  readonly changes: readonly EntitlementChange[];
  /** Names of groups that were added, removed, or now mean other people. */
  readonly groups: readonly string[];
  /** Top-level parts of the policy that differ. */
  readonly sections: readonly string[];
  /** Who may publish, or how many it takes, or the meaning of their group. */
  readonly administrators_changed: boolean;
  readonly auditors_changed: boolean;
  readonly administrators: PeopleTouched;
  readonly auditors: PeopleTouched;
  /** For everybody: what became looser and what tighter, in words. */
  readonly loosened: readonly string[];
  readonly tightened: readonly string[];
  /** Whose membership was known: of listed people only, or also of everybody, or of the newest, who signed in. */
  readonly people_known: 'listed' | 'listed-and-newest-seen' | 'listed-and-seen';
  /** What was asked for or approved under a rule that now differs, and can be used no more. null: not known here. */
  readonly lapses: Lapses | null;
  /** The catalogue its cloud actions were looked up in; null: it names none, or they were not looked up. */
  readonly catalogue: string | null;
}

export interface EntitlementChange {
  readonly entitlement: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /**
   * Groups and workloads that can ask now and could not before. One that now means others both gains and
   * loses.
   */
  readonly gains: readonly string[];
  readonly loses: readonly string[];
  readonly people: PeopleTouched;
  /** How many permissions its scope gains and loses; one whose access changed counts in both. */
  readonly permissions_gained: number;
  readonly permissions_lost: number;
  /** Their actions, by the access they are declared with. */
  readonly actions_gained: readonly ActionsOfAccess[];
  readonly actions_lost: readonly ActionsOfAccess[];
  readonly loosened: readonly string[];
  readonly tightened: readonly string[];
  /** Fields of the resolved rule that differ. Empty unless the kind is `changed`. */
  readonly fields: readonly string[];
}

/** Counts are whole; the lists beside them may be cut. */
export interface PeopleTouched {
  readonly gain_count: number;
  readonly lose_count: number;
  readonly gain: readonly string[];
  readonly lose: readonly string[];
}

export interface ActionsOfAccess {
  readonly access: Access;
  readonly count: number;
  readonly actions: readonly string[];
}

export interface Lapses {
  readonly request_count: number;
  readonly grant_count: number;
  readonly requests: readonly string[];
  readonly grants: readonly string[];
}
