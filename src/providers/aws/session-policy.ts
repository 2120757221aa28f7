import type { Permission } from '../../domain/policy/policy.ts';
import { compareText } from '../../domain/policy/scope-order.ts';
import { unfit } from '../unfit.ts';
import { MOST_POLICY_CHARACTERS } from './limits.ts';

type Asked = Pick<Permission, 'action' | 'resource'>;

export interface SessionPolicyBounds {
  /** Nothing is allowed from this moment on. Whole seconds: AWS does not promise to read fractions. */
  readonly endsAtMs: number;
  /**
   * Values of `aws:RequestedRegion`. Global services (IAM, CloudFront, Route 53 …) count as `us-east-1`: a
   * target whose entitlements touch them has to list it. Calls without a region, and regions not listed, are
   * denied.
   */
  readonly regions: readonly string[];
  readonly partition: string;
}

/**
 * The inline session policy: Allow and nothing else, each approved action on its approved resource only. A
 * role's session can do what this **and** the role's own policies allow.
 * @throws Failure `session-fits-the-provider` for more than 2,048 characters, or a text that IAM would read
 * as more
 */
export function sessionPolicy(
  scope: readonly Asked[],
  { endsAtMs, regions, partition }: SessionPolicyBounds,
): string {
  if (scope.length === 0) throw unfit('The scope is empty.', 'Ask for access again with a scope.');
  if (regions.length === 0)
    throw unfit('The target has no regions.', 'Have its regions written in the policy.');
  regions.forEach(checkRegion);
  for (const permission of scope) checkPermission(permission, partition);
  const Condition = {
    DateLessThan: { 'aws:CurrentTime': wholeSecond(endsAtMs) },
    StringEquals: { 'aws:RequestedRegion': regions },
  };
  const Statement = groupedByResource(scope).map(({ actions, resources }) => ({
    Effect: 'Allow',
    Action: actions,
    Resource: resources,
    Condition,
  }));
  const policy = JSON.stringify({ Version: '2012-10-17', Statement });
  if (policy.length > MOST_POLICY_CHARACTERS) {
    throw unfit(
      `The session policy would have ${policy.length} characters, of at most ${MOST_POLICY_CHARACTERS}.`,
      'Ask for a narrower scope, or have the entitlement split into several.',
    );
  }
  return policy;
}

interface ResourceGroup {
  readonly actions: readonly string[];
  readonly resources: string[];
}

/**
 * Resources that have exactly the same actions share a statement, so that no pair arises that nobody
 * approved.
 */
function groupedByResource(scope: readonly Asked[]): readonly ResourceGroup[] {
  const actionsOf = Map.groupBy(scope, (permission) => permission.resource);
  const groups = new Map<string, ResourceGroup>();
  for (const [resource, permissions] of [...actionsOf].sort(([a], [b]) => compareText(a, b))) {
    const actions = [...new Set(permissions.map((permission) => permission.action))].sort(compareText);
    const key = actions.join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { actions, resources: [resource] });
    else group.resources.push(resource);
  }
  return [...groups.values()];
}

function checkPermission({ action, resource }: Asked, partition: string): void {
  if (!/^[a-z0-9-]+:(?:[A-Za-z0-9]+\*?|\*)$/.test(action)) {
    throw unfit(
      `The action ${shown(action)} is not one of AWS.`,
      'Have it written as service:Action in the policy.',
    );
  }
  if (!isPlainResource(resource, partition)) {
    throw unfit(
      `The resource ${shown(resource)} is not a plain ARN of ${partition}: IAM would read it as a pattern or a variable.`,
      'Have it written out; one star at its end is the only pattern.',
    );
  }
}

/**
 * Visible ASCII only; no variable, quote, backslash or `?`, and no star but one at the end, which is what was
 * approved.
 */
function isPlainResource(resource: string, partition: string): boolean {
  if (resource === '*') return true;
  const isPlain = /^[!#%&()+,\-./0-9:;<=>@A-Z[\]^_a-z{|}~]+\*?$/.test(resource);
  const [arn, ownPartition, service, , , ...rest] = resource.split(':');
  // With something after the fifth colon, a star at the end cannot stand for service, region or account.
  return isPlain && arn === 'arn' && ownPartition === partition && !!service && rest.join(':') !== '';
}

function checkRegion(region: string): void {
  if (!/^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(region)) {
    throw unfit(`${shown(region)} is not a region of AWS.`, 'Have the target corrected in the policy.');
  }
}

/**
 * JSON spelling, shortened: a text from the policy cannot write control characters into a log or a terminal.
 */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100)).replaceAll(/[^\x20-\x7e]/g, '\uFFFD');
}

function wholeSecond(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
