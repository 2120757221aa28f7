import type { Policy } from '../domain/policy/policy.ts';
import type { Json } from '../log/json.ts';
import { nearestPlace } from './check-shape.ts';
import type { PlacedPermission } from './expand-scope.ts';
import type { Place } from './mistake.ts';
import { pointerOf } from './pointer.ts';
import type { YamlFile } from './read-yaml.ts';

/** Keys that the file spells otherwise than the policy. */
const fileKeys: Readonly<Record<string, string>> = {
  review_seconds: 'review',
  activation_seconds: 'activation',
  schedule_seconds: 'schedule',
  after_seconds: 'after',
  at_most_seconds: 'at_most',
  within_seconds: 'within',
  drill_every_days: 'drill_every',
  zone_owners: 'zone-owners',
  account: 'aws',
  audience: 'token/audience',
};

/** Where the second step is a name, and the name itself is what a finding is about. */
const namedSections = new Set([
  'groups',
  'workloads',
  'zones',
  'targets',
  'ticket_sources',
  'tickets',
  'entitlements',
  'humans',
]);

export interface ReadFiles {
  readonly file: YamlFile;
  readonly scopes: ReadonlyMap<string, readonly PlacedPermission[]>;
  readonly policy: Policy;
}

/** Where a JSON pointer into the policy stands in the file it came from, or what stands nearest above it. */
export function placeInFiles({ file, scopes, policy }: ReadFiles, pointer: string): Place {
  const steps = stepsOf(pointer);
  const permission = placedPermission(scopes, steps);
  if (permission !== undefined) return permission.place;
  const found = inFile(file.value, steps, policy);
  const place = nearestPlace(file, pointerOf(found));
  return steps.length === 2 && namedSections.has(steps[0] ?? '') ? place.key : place.value;
}

const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

function placedPermission(scopes: ReadFiles['scopes'], steps: readonly string[]) {
  const [section, entitlement = '', part, index] = steps;
  return section === 'entitlements' && part === 'scope' && index !== undefined
    ? scopes.get(entitlement)?.[Number(index)]
    : undefined;
}

/** The same way through the file: its own keys, its own order of lists, `target` where one target is written so. */
function inFile(root: Json, steps: readonly string[], policy: Policy): readonly string[] {
  const found: string[] = [];
  let here: unknown = root;
  let meant: unknown = policy;
  for (const [index, step] of steps.entries()) {
    meant = childOf(meant, step);
    for (const taken of stepInFile(here, step, meant, index, steps[0] ?? '')) {
      found.push(taken);
      here = childOf(here, taken);
    }
  }
  return found;
}

function stepInFile(
  here: unknown,
  step: string,
  meant: unknown,
  index: number,
  section: string,
): readonly string[] {
  if (Array.isArray(here)) {
    const at = here.findIndex((item) => isWrittenFor(item, meant));
    return [at === -1 ? step : String(at)];
  }
  if (step === 'targets' && index === 2 && childOf(here, 'targets') === undefined) return ['target'];
  // The second step is a name its writer chose, which may be spelled like one of the keys.
  const isKey = index >= 2 || section === 'waiting' || section === 'notify';
  return isKey && Object.hasOwn(fileKeys, step) ? (fileKeys[step] ?? step).split('/') : [step];
}

/** Lists whose order means nothing were sorted: the item is found by what it says. */
function isWrittenFor(item: unknown, meant: unknown): boolean {
  if (typeof meant !== 'object' || meant === null) return item === meant;
  const known = Object.entries(meant);
  if (typeof item === 'string') return known.some(([key, value]) => key === 'person' && value === item);
  return known.every(([key, value]) => typeof value === 'object' || childOf(item, key) === value);
}

function childOf(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === step)?.[1]
    : undefined;
}
