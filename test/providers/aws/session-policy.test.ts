import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/errors.ts';
import { sessionPolicy } from '../../../src/providers/aws/session-policy.ts';
import { expectUnfit } from '../expect-unfit.ts';
import { awsPlan, awsTarget, now } from '../plans.ts';
import type { Call, PolicyDocument } from './evaluate-policy.ts';
import { allows, matchesPattern } from './evaluate-policy.ts';

const endsAtMs = now + 600_000;
const bounds = { endsAtMs, regions: awsTarget.regions, partition: 'aws' };
const make = (scope: Parameters<typeof sessionPolicy>[0]): PolicyDocument =>
  JSON.parse(sessionPolicy(scope, bounds));

describe('session policy', () => {
  it('allows what was approved, in time and region', () => {
    const policy = make(awsPlan().scope);
    const call = {
      action: 's3:DeleteObject',
      resource: 'arn:aws:s3:::acme-exports/batch/7',
      region: 'eu-west-1',
      nowMs: now,
    };
    expect(allows(policy, call)).toBe(true);
    expect(allows(policy, { ...call, action: 's3:GetObject' })).toBe(false);
    expect(allows(policy, { ...call, resource: 'arn:aws:s3:::acme-exports/other/7' })).toBe(false);
    expect(allows(policy, { ...call, region: 'us-east-1' })).toBe(false);
    expect(allows(policy, { ...call, region: undefined })).toBe(false);
  });

  it('allows nothing from the end of the grant on', () => {
    const policy = make(awsPlan().scope);
    const call = {
      action: 's3:DeleteObject',
      resource: 'arn:aws:s3:::acme-exports/batch/7',
      region: 'eu-west-1',
    };
    expect(allows(policy, { ...call, nowMs: endsAtMs - 1_000 })).toBe(true);
    expect(allows(policy, { ...call, nowMs: endsAtMs })).toBe(false);
  });

  it('joins resources with the same actions, and does not pair what nobody approved together', () => {
    const policy = make([
      { action: 'sqs:PurgeQueue', resource: 'arn:aws:sqs:eu-west-1:447109238812:a' },
      { action: 'sqs:PurgeQueue', resource: 'arn:aws:sqs:eu-west-1:447109238812:b' },
      { action: 'sqs:DeleteMessage', resource: 'arn:aws:sqs:eu-west-1:447109238812:c' },
    ]);
    expect(policy.Statement.map(({ Action, Resource }) => [Action, Resource.length])).toEqual([
      [['sqs:PurgeQueue'], 2],
      [['sqs:DeleteMessage'], 1],
    ]);
  });

  it('never allows what the permissions do not, and allows all that they do', () => {
    fc.assert(
      fc.property(
        fc.array(permission, { minLength: 1, maxLength: 12 }),
        fc.array(call, { minLength: 20, maxLength: 60 }),
        (scope, calls) => {
          const policy = fitting(scope);
          fc.pre(policy !== undefined);
          for (const tried of calls) {
            const isApproved = scope.some(
              ({ action, resource }) =>
                matchesPattern(action.toLowerCase(), tried.action.toLowerCase()) &&
                matchesPattern(resource, tried.resource),
            );
            const isInBounds =
              tried.nowMs < Math.floor(endsAtMs / 1000) * 1000 &&
              awsTarget.regions.some((region) => region === tried.region);
            expect(allows(policy, tried)).toBe(isApproved && isInBounds);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says nothing but approved actions and resources, letter by letter', () => {
    fc.assert(
      fc.property(fc.array(permission, { minLength: 1, maxLength: 12 }), (scope) => {
        const policy = fitting(scope);
        fc.pre(policy !== undefined);
        for (const { Effect, Action, Resource, Condition, ...more } of policy.Statement) {
          expect(more).toEqual({});
          expect(Effect).toBe('Allow');
          expect(Object.keys(Condition)).toEqual(['DateLessThan', 'StringEquals']);
          for (const action of Action) {
            for (const resource of Resource) {
              expect(scope.some((one) => one.action === action && one.resource === resource)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is at most 2,048 characters, and says what to do when it would be more', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => ({
        action: 's3:GetObject',
        resource: `arn:aws:s3:::acme-exports/${at}`,
      }));
    const most =
      Array.from({ length: 200 }, (_, at) => at + 1).findLast(
        (count) => fitting(many(count)) !== undefined,
      ) ?? 0;
    expect(JSON.stringify(fitting(many(most))).length).toBeLessThanOrEqual(2_048);
    expect(most).toBeGreaterThan(40);
    expectUnfit(() => make(many(most + 1)), /2048|2,048/);
  });

  it('refuses an empty scope and a target without regions', () => {
    expectUnfit(() => make([]), /empty/);
    expect(() => sessionPolicy(awsPlan().scope, { ...bounds, regions: [] })).toThrow(Failure);
  });

  it.each(['*', 'eu-west-*', 'eu-west-1"', '', 'EU-WEST-1', 'eu-west-1\n'])(
    'refuses the region %j',
    (region) => {
      expect(() => sessionPolicy(awsPlan().scope, { ...bounds, regions: [region] })).toThrow(Failure);
    },
  );

  it.each([
    'arn:aws:s3:::${aws:username}',
    'arn:aws:s3:::a/${*}',
    'arn:aws:s3:::a$b',
    'arn:aws:s3:::a"b',
    "arn:aws:s3:::a'b",
    'arn:aws:s3:::a\\b',
    'arn:aws:s3:::a`b',
    'arn:aws:s3:::a?',
    'arn:aws:s3:::a*b',
    'arn:aws:s3:::a**',
    'arn:aws:s3:::*/b',
    'arn:aws:iam::*:role/x',
    'arn:aws:*',
    'arn:*',
    '**',
    '',
    'a',
    'arn:aws',
    'arn:aws:s3:::',
    'arn:aws:::::',
    'arn:aws-cn:s3:::a',
    'arn:aws:s3:::a b',
    'arn:aws:s3:::a\nb',
    'arn:aws:s3:::a\u0000',
    'arn:aws:s3:::ä',
    'arn:aws:s3:::a\u202eb',
    ' arn:aws:s3:::a',
    'arn:aws:s3:::a\n',
    'arn:aws:ec2:*',
    'arn:aws:ec2:eu-west-1:*',
  ])('refuses the resource %j', (resource) => {
    expectUnfit(() => make([{ action: 's3:GetObject', resource }]), /resource/);
  });

  it.each([
    '*',
    '*:*',
    's3:',
    's3:Get*Object',
    's3:*Object',
    's3:**',
    's3:Get?',
    's3',
    ':GetObject',
    'S3:GetObject',
    's3:Get Object',
    's3:GetObject"',
    's3:${x}',
    's3:GetObject\n',
    's3*:GetObject',
  ])('refuses the action %j', (action) => {
    expectUnfit(() => make([{ action, resource: 'arn:aws:s3:::a' }]), /action/);
  });

  it('shows a refused text without control or invisible characters', () => {
    try {
      make([{ action: 's3:GetObject', resource: 'arn:aws:s3:::\u001b[31m\u202e\n' }]);
    } catch (error) {
      expect(error instanceof Failure && error.message).toMatch(/^[\x20-\x7e\uFFFD]+$/);
      return;
    }
    expect.unreachable('nothing was refused');
  });
});

const segment = fc.constantFrom('a', 'b', 'ab', 'a/b', '0');
const service = fc.constantFrom('s3', 'sqs');
const head = fc.constantFrom('arn:aws:s3:::', 'arn:aws:sqs:eu-west-1:447109238812:');
const resourceText = fc.tuple(head, segment).map(([first, last]) => first + last);
const star = fc.constantFrom('', '', '*', '/*');
const permission = fc.record({
  action: fc
    .tuple(service, fc.constantFrom('Get', 'GetA', 'Put', 'Get*', '*'))
    .map(([name, verb]) => `${name}:${verb}`),
  resource: fc.oneof(
    { weight: 9, arbitrary: fc.tuple(resourceText, star).map(([text, end]) => text + end) },
    { weight: 1, arbitrary: fc.constant('*') },
  ),
});
const call: fc.Arbitrary<Call> = fc.record({
  action: fc
    .tuple(service, fc.constantFrom('Get', 'get', 'GetA', 'GetAB', 'Put', 'Delete'))
    .map(([name, verb]) => `${name}:${verb}`),
  resource: fc.tuple(resourceText, fc.constantFrom('', '/', '/x', 'x')).map(([text, end]) => text + end),
  region: fc.constantFrom('eu-west-1', 'eu-central-1', 'us-east-1', undefined),
  nowMs: fc.constantFrom(now, endsAtMs - 1_000, endsAtMs, endsAtMs + 1_000),
});

/** undefined: too long, which other tests are about. */
function fitting(scope: Parameters<typeof sessionPolicy>[0]): PolicyDocument | undefined {
  try {
    return make(scope);
  } catch (error) {
    if (error instanceof Failure && error.message.includes('characters')) return undefined;
    throw error;
  }
}
