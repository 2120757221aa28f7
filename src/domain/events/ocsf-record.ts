import type { Entry } from '../../log/entry.ts';
import { isJsonObject, type Json, type JsonObject } from '../../log/json.ts';
import { catalogue, type EventType } from '../events.ts';
import type { EventSpec } from './event.ts';
import { base } from './fields.ts';
import { OCSF_VERSION, type OcsfMapping, ocsfClasses, ocsfSeverities, ocsfStatuses } from './ocsf.ts';
import { tellEntry } from './tell-entry.ts';

const PRODUCT = 'Countersign';

/**
 * An entry as one event of OCSF 1.9.0, for a security team's other tools: a copy for searching and alarms, never for
 * verifying. No personal text is in it, nor what commits to one, but what `disclosed` says of its fields. An entry that this program does not know, or whose
 * data are none of its type's, is a Base Event that says so by its type. Never throws.
 */
export function ocsfRecord(entry: Entry, disclosed: Readonly<Record<string, string>> = {}): JsonObject {
  const mapped = mappingOf(entry);
  return {
    ...(mapped === undefined ? unknownActivity(entry) : classified(mapped)),
    metadata: metadataOf(entry),
    time: entry.timeMs,
    message: tellEntry(entry),
    ...actorOf(entry.data['by']),
    ...(mapped === undefined ? {} : about(mapped, entry)),
    unmapped: {
      stream: entry.stream,
      subject: entry.subject,
      ...plainData(entry),
      ...(Object.keys(disclosed).length === 0 ? {} : { personal: disclosed }),
    },
  };
}

function mappingOf({ type, data }: Entry): OcsfMapping | undefined {
  const spec = specOf(type);
  if (spec === undefined) return undefined;
  const fitting = spec.schema.safeParse(data);
  return fitting.success ? spec.ocsf(fitting.data as never) : undefined; // it has just fitted the mapping's own schema
}

const specOf = (type: string): EventSpec | undefined =>
  Object.hasOwn(catalogue, type) ? catalogue[type as EventType] : undefined; // seen by `hasOwn`

function classified(mapped: OcsfMapping): JsonObject {
  const { uid, caption, activities } = ocsfClasses[mapped.class];
  const {
    activity,
    activityName = activity,
    severity = 'Informational',
    status = 'Success',
    detail,
  } = mapped;
  const activityId = idOf(activities, activity);
  return {
    category_uid: 3,
    category_name: 'Identity & Access Management',
    class_uid: uid,
    class_name: caption,
    activity_id: activityId,
    activity_name: activityName,
    type_uid: uid * 100 + activityId,
    type_name: `${caption}: ${activity}`,
    severity_id: ocsfSeverities[severity],
    severity,
    status_id: ocsfStatuses[status],
    status,
    ...(detail === undefined ? {} : { status_detail: detail }),
  };
}

/** The mapping's type allows only activities of its class. */
const idOf = (activities: Readonly<Record<string, number>>, activity: string): number =>
  activities[activity] ?? 99;

const unknownActivity = ({ type }: Entry): JsonObject => ({
  category_uid: 0,
  category_name: 'Uncategorized',
  class_uid: 0,
  class_name: 'Base Event',
  activity_id: 99,
  activity_name: type,
  type_uid: 99,
  type_name: 'Base Event: Other',
  severity_id: ocsfSeverities.Low,
  severity: 'Low',
  status_id: ocsfStatuses.Unknown,
  status: 'Unknown',
});

function metadataOf({ id, source, type, seq, time, data }: Entry): JsonObject {
  const { program, request, command } = data;
  const correlation = request ?? command;
  return {
    version: OCSF_VERSION,
    product: {
      name: PRODUCT,
      vendor_name: PRODUCT,
      ...(typeof program === 'string' ? { version: program.replace(/^countersign\//, '') } : {}),
    },
    uid: id,
    event_code: type,
    sequence: seq,
    log_name: source,
    original_time: time,
    ...(typeof correlation === 'string' ? { correlation_uid: correlation } : {}),
  };
}

function actorOf(by: Json | undefined): JsonObject {
  if (!isJsonObject(by)) return {};
  const { kind, person, broker, sign_in } = by;
  if (typeof person === 'string')
    return {
      actor: { user: userOf(person), ...(typeof sign_in === 'string' ? { session: { uid: sign_in } } : {}) },
    };
  const name = kind === 'broker' && typeof broker === 'string' ? broker : 'console';
  return { actor: { user: { name, type_id: 3, type: 'System' } } };
}

/** Workloads are services; their ids begin with `w-`. */
const userOf = (person: string): JsonObject =>
  person.startsWith('w-')
    ? { uid: person, type_id: 4, type: 'Service' }
    : { uid: person, type_id: 1, type: 'User' };

function about(mapped: OcsfMapping, { source }: Entry): JsonObject {
  const resources = mapped.resources ?? [];
  const found = resources.length === 0 ? {} : { resources: resources.map((name) => ({ name })) };
  if (mapped.class === 'entity-management') return { entity: { ...mapped.entity }, ...found };
  const { user, privileges, groups, session } = mapped;
  return {
    user: { ...userOf(user), ...(groups === undefined ? {} : { groups: groups.map((name) => ({ name })) }) },
    ...found,
    ...(privileges === undefined ? {} : { privileges }),
    ...(session === undefined ? {} : { session: { uid: session } }),
    ...(mapped.class === 'authentication' ? { service: { name: PRODUCT, uid: source } } : {}),
    ...(mapped.activity.endsWith('MFA Factors')
      ? { auth_factors: [{ factor_type_id: 7, factor_type: 'OTP', is_totp: true }] }
      : {}),
  };
}

/** What the type holds itself; the rest is in `actor` and `metadata`. A commitment is of no use without its text. */
function plainData({ type, data }: Entry): JsonObject {
  const personal = specOf(type)?.personal ?? [];
  return Object.fromEntries(
    Object.entries(data).filter(([name]) => !Object.hasOwn(base, name) && !personal.includes(name)),
  );
}
