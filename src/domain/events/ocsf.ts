/**
 * What an event is in the Open Cybersecurity Schema Framework, version 1.9.0 (schema.ocsf.io). Three classes of its
 * Identity & Access Management category suffice: who signed in or showed a factor, what changed about somebody, and
 * what became of a thing that the broker manages.
 */
export const OCSF_VERSION = '1.9.0';

export const ocsfClasses = {
  authentication: { uid: 3002, caption: 'Authentication', activities: { Logon: 1, Logoff: 2, Other: 99 } },
  'entity-management': {
    uid: 3004,
    caption: 'Entity Management',
    activities: { Create: 1, Read: 2, Update: 3, Delete: 4, Activate: 10, Deactivate: 11, Other: 99 },
  },
  'user-management': {
    uid: 3007,
    caption: 'User Management',
    activities: {
      Update: 2,
      Enable: 4,
      Disable: 5,
      'Enable MFA Factors': 12,
      'Disable MFA Factors': 13,
      'Assign Privileges': 14,
      'Remove Privileges': 15,
    },
  },
} as const;

export type OcsfClass = keyof typeof ocsfClasses;
type Activity<Class extends OcsfClass> = keyof (typeof ocsfClasses)[Class]['activities'];

export const ocsfSeverities = { Informational: 1, Low: 2, Medium: 3, High: 4 } as const;
export const ocsfStatuses = { Unknown: 0, Success: 1, Failure: 2 } as const;

/** Left out: `Success`, `Informational`, and the activity's own name. */
interface Outcome {
  readonly status?: keyof typeof ocsfStatuses;
  readonly severity?: keyof typeof ocsfSeverities;
  /** In the words of the event's own field, such as a verdict or a rule. */
  readonly detail?: string;
  /** What an activity that OCSF calls `Other` is. */
  readonly activityName?: string;
}

/** Of a person: `user` is whom it happened to; who did it is the entry's actor. */
interface Personal extends Outcome {
  readonly privileges?: readonly string[];
  readonly resources?: readonly string[];
  readonly groups?: readonly string[];
  readonly session?: string;
}

type OfPerson<Class extends OcsfClass> = Personal & {
  readonly class: Class;
  readonly activity: Activity<Class>;
  readonly user: string;
};

export type OcsfMapping =
  | OfPerson<'authentication'>
  | OfPerson<'user-management'>
  | (Outcome & {
      readonly class: 'entity-management';
      readonly activity: Activity<'entity-management'>;
      readonly entity: { readonly type: string; readonly uid: string };
      readonly resources?: readonly string[];
    });

export const authentication = (
  activity: Activity<'authentication'>,
  user: string,
  more: Personal = {},
): OcsfMapping => ({ class: 'authentication', activity, user, ...more });

export const userManagement = (
  activity: Activity<'user-management'>,
  user: string,
  more: Personal = {},
): OcsfMapping => ({ class: 'user-management', activity, user, ...more });

export const entityManagement = (
  activity: Activity<'entity-management'>,
  type: string,
  uid: string,
  more: Outcome & { readonly resources?: readonly string[] } = {},
): OcsfMapping => ({ class: 'entity-management', activity, entity: { type, uid }, ...more });
