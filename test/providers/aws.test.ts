import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OpenOutcome, Provider, SessionPlan } from '../../src/app/ports.ts';
import type { AwsProviderParts } from '../../src/providers/aws.ts';
import { awsProvider } from '../../src/providers/aws.ts';
import { expectUnfit } from './expect-unfit.ts';
import { awsPlan, awsTarget, now, tokenPlan } from './plans.ts';
import type { StsAnswer, StsStandIn } from './sts-stand-in.ts';
import { startStsStandIn } from './sts-stand-in.ts';

const externalIds = new Map([['447109238812', 'countersign-447109238812']]);
const unhurried = new AbortController().signal;
const policyEnd = (policy: string | undefined): string =>
  JSON.parse(policy ?? '').Statement[0].Condition.DateLessThan['aws:CurrentTime'];

describe('aws provider, preparing', () => {
  const provider = awsProvider({ externalIds, chained: false });
  const prepare = (change: Partial<SessionPlan> = {}, parts: Partial<AwsProviderParts> = {}) =>
    awsProvider({ externalIds, chained: false, ...parts }).prepare(awsPlan(change));

  it('names the grant as session and source identity, and tags it with a closed list of keys', () => {
    const plan = awsPlan();
    expect(provider.prepare(plan).parameters).toEqual({
      sts_region: 'eu-west-1',
      role_arn: 'arn:aws:iam::447109238812:role/CountersignOrdersDb',
      role_session_name: plan.grant,
      source_identity: plan.grant,
      external_id: 'countersign-447109238812',
      duration_seconds: 3600,
      policy: expect.stringContaining('"Effect":"Allow"'),
      tags: [
        `countersign:grant=${plan.grant}`,
        `countersign:session=${plan.session}`,
        `countersign:person=${plan.person}`,
      ],
      region: 'eu-west-1',
    });
  });

  it('is pure: the same plan gives the same parameters', () => {
    expect(provider.prepare(awsPlan())).toEqual(provider.prepare(awsPlan()));
  });

  it('asks 900 s for a shorter grant, ends it by the policy, and says until when the credentials exist', () => {
    const { parameters, earliestEndMs, endsAtMs } = prepare({ endsAtMs: now + 300_000 });
    expect(parameters['duration_seconds']).toBe(900);
    expect(policyEnd(String(parameters['policy']))).toBe('2026-05-20T09:35:00Z');
    expect(earliestEndMs).toBe(Date.UTC(2026, 4, 20, 9, 35));
    expect(endsAtMs).toBeGreaterThanOrEqual(now + 900_000);
  });

  it.each([1_000, 899_999, 900_000, 3_600_000, 40_000_000, 43_200_000, 100_000_000])(
    'given %d ms never lets the policy reach beyond the grant, and asks within bounds',
    (milliseconds) => {
      const { parameters, earliestEndMs, endsAtMs } = prepare({ endsAtMs: now + milliseconds });
      expect(earliestEndMs).toBeLessThanOrEqual(now + milliseconds);
      expect(Date.parse(policyEnd(String(parameters['policy'])))).toBe(earliestEndMs);
      expect(parameters['duration_seconds']).toBeGreaterThanOrEqual(900);
      expect(parameters['duration_seconds']).toBeLessThanOrEqual(43_200);
      expect(earliestEndMs).toBeLessThanOrEqual(endsAtMs);
    },
  );

  it('asks an hour at most when its own credentials are a session', () => {
    const chained = awsProvider({ externalIds, chained: true });
    const { parameters, earliestEndMs } = chained.prepare(awsPlan({ endsAtMs: now + 7_200_000 }));
    expect(parameters['duration_seconds']).toBe(3600);
    expect(earliestEndMs).toBeLessThanOrEqual(now + 3_600_000);
    expect(chained.mostSeconds).toBe(3600);
  });

  it('takes partition and role ARN from configuration, in the account of the target only', () => {
    const china = prepare(
      { scope: [{ action: 's3:GetObject', resource: 'arn:aws-cn:s3:::a', access: 'read' }] },
      { partition: 'aws-cn' },
    );
    expect(china.parameters['role_arn']).toBe('arn:aws-cn:iam::447109238812:role/CountersignOrdersDb');
    const roleArn = (target: { account: string }, role: string) =>
      `arn:aws:iam::${target.account}:role/jit/${role}`;
    expect(prepare({}, { roleArn }).parameters['role_arn']).toContain(':role/jit/CountersignOrdersDb');
    expectUnfit(() => prepare({}, { roleArn: () => 'arn:aws:iam::558210349923:role/Other' }));
  });

  it.each([
    { endsAtMs: now },
    { endsAtMs: now - 5_000 },
    { scope: [] },
    { role: '' },
    { role: 'a b' },
    { role: 'x*' },
    { role: '${aws:username}' },
    { role: 'a//b' },
    { role: '/a' },
    { grant: 'g-ä' as const },
    { grant: `g-${'0'.repeat(63)}` as const },
    { person: 'p-"' },
    { person: 'x'.repeat(257) },
    { target: { ...awsTarget, account: '558210349923' } },
    { target: { ...awsTarget, account: '44710923881' } },
    { target: { ...awsTarget, regions: [] } },
  ] satisfies Partial<SessionPlan>[])('refuses what cannot be said in the words of AWS: %j', (change) => {
    expectUnfit(() => prepare(change));
  });

  it('refuses an external id that AWS would not take', () => {
    expectUnfit(() => prepare({}, { externalIds: new Map([['447109238812', '']]) }));
    expectUnfit(() => prepare({}, { externalIds: new Map([['447109238812', 'a b']]) }));
  });

  it('refuses a target of another provider', () => {
    expect(() => provider.prepare(tokenPlan())).toThrow(TypeError);
  });

  it('says that a revocation waits for expiry', async () => {
    expect(await provider.revoke(awsPlan().grant, [])).toBe('by-expiry');
    expect(provider.revocationChannel).toBe('expiry');
    expect(provider.outlivesRevocation).toContain('until the session ends by itself');
  });
});

describe('aws provider, opening', () => {
  let sts: StsStandIn;
  let provider: Provider;
  beforeAll(async () => {
    sts = await startStsStandIn({ nowMs: () => now });
    provider = awsProvider({
      externalIds,
      chained: false,
      endpoint: sts.endpoint,
      credentials: sts.credentials,
    });
  });
  afterEach(() => sts.behave({ kind: 'answer' }));
  afterAll(() => sts.stop());

  const open = (plan = awsPlan(), signal = unhurried) => provider.open(provider.prepare(plan), signal);

  it('sends what was prepared and nothing else', async () => {
    const { parameters } = provider.prepare(awsPlan());
    await open();
    const { tags, region: _, sts_region: __, ...fields } = parameters;
    if (!Array.isArray(tags)) throw new Error('tags were not prepared');
    const sentTags = tags.flatMap((tag: string, at) => {
      const [key = '', value = ''] = tag.split('=');
      return [
        [`Tags.member.${at + 1}.Key`, key],
        [`Tags.member.${at + 1}.Value`, value],
      ];
    });
    expect(sts.calls.at(-1)).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: fields['role_arn'],
      RoleSessionName: fields['role_session_name'],
      SourceIdentity: fields['source_identity'],
      ExternalId: fields['external_id'],
      DurationSeconds: String(fields['duration_seconds']),
      Policy: fields['policy'],
      ...Object.fromEntries(sentTags),
    });
  });

  it('sends what was recorded, even where the plan would now give something else', async () => {
    const prepared = provider.prepare(awsPlan({ endsAtMs: now + 1_800_000 }));
    const other = awsProvider({
      externalIds: new Map(),
      chained: true,
      partition: 'aws-cn',
      endpoint: sts.endpoint,
      credentials: sts.credentials,
    });
    expect((await other.open(prepared, unhurried)).outcome).toBe('opened');
    expect(sts.calls.at(-1)?.['Policy']).toBe(prepared.parameters['policy']);
  });

  it('sends nothing when a parameter was added or lost after preparing', async () => {
    const { parameters, ...rest } = provider.prepare(awsPlan());
    const { policy: _, ...without } = parameters;
    const before = sts.requestCount();
    for (const changed of [
      without,
      { ...parameters, policy_arns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
    ]) {
      expect((await provider.open({ ...rest, parameters: changed }, unhurried)).outcome).toBe('refused');
    }
    expect(sts.requestCount()).toBe(before);
  });

  it('hands out the credentials, and names the session by its access key id', async () => {
    const outcome = await open();
    expect(outcome).toMatchObject({
      outcome: 'opened',
      cloudSession: expect.stringMatching(/^ASIASTANDIN/),
      providerRequest: 'c6104cbe-af31-11e0-8154-cbc7ccf896c7',
      packedPolicyPercent: expect.any(Number),
      credentials: {
        kind: 'aws',
        region: 'eu-west-1',
        secret_access_key: expect.stringContaining('StandIn'),
      },
    });
  });

  it('says of a grant of five minutes that its credentials work for five minutes', async () => {
    const prepared = provider.prepare(awsPlan({ endsAtMs: now + 300_000 }));
    const outcome = await provider.open(prepared, unhurried);
    expect(outcome.outcome === 'opened' && outcome.expiresAtMs).toBe(prepared.earliestEndMs);
  });

  it.each([
    ['AccessDenied', 403, false, /trust policy/],
    ['MalformedPolicyDocument', 400, false, /scope/],
    ['PackedPolicyTooLarge', 400, false, /narrower scope/],
    ['RegionDisabledException', 403, false, /region/],
    ['ExpiredTokenException', 400, false, /credentials/],
    ['ExpiredToken', 403, false, /credentials/],
    ['InvalidClientTokenId', 403, false, /credentials/],
    ['SignatureDoesNotMatch', 403, false, /clock/],
    ['ValidationError', 400, false, /session duration/],
    ['Throttling', 400, true, /Wait/],
    ['Throttling', 503, true, /Wait/],
    ['ThrottlingException', 429, true, /Wait/],
  ] as const)(
    'tells %s with status %d as a refusal after one call, with a way to mend it',
    async (code, status, retryable, mend) => {
      sts.behave({ kind: 'fail', code, status });
      const before = sts.requestCount();
      const outcome = await open();
      expect(outcome).toMatchObject({ outcome: 'refused', retryable, mend: expect.stringMatching(mend) });
      expect(outcome.outcome === 'refused' && outcome.reason).toContain(code);
      expect(sts.requestCount() - before).toBe(1);
    },
  );

  it.each([
    { kind: 'fail', code: 'InternalFailure', status: 500 },
    { kind: 'fail', code: 'ServiceUnavailable', status: 503 },
    { kind: 'fail', code: 'AccessDenied', status: 500 },
    { kind: 'fail', code: 'AccessDenied', status: 503 },
    { kind: 'fail', code: 'NeverHeardOf', status: 400 },
    { kind: 'fail', code: 'CredentialsProviderError', status: 400 },
    { kind: 'raw', status: 502, body: '<html>bad gateway</html>' },
    { kind: 'raw', status: 403, body: '<html>forbidden by a proxy</html>' },
    {
      kind: 'raw',
      status: 400,
      body: '<ErrorResponse><Error><syscall>connect</syscall><Code>X</Code></Error></ErrorResponse>',
    },
    { kind: 'raw', status: 200, body: '' },
    { kind: 'raw', status: 200, body: 'not xml <' },
    { kind: 'raw', status: 200, body: '<AssumeRoleResponse/>' },
    { kind: 'raw', status: 302, body: '' },
    { kind: 'cut' },
  ] as const)('takes %j for a session that may exist, after one call', async (behaviour) => {
    sts.behave(behaviour);
    const before = sts.requestCount();
    expect((await open()).outcome).toBe('unknown');
    expect(sts.requestCount() - before).toBe(1);
  });

  it('takes silence for a session that may exist once the caller has waited enough', async () => {
    sts.behave({ kind: 'silence' });
    const waited = new AbortController();
    const before = sts.requestCount();
    const opening = open(awsPlan(), waited.signal);
    await vi.waitUntil(() => sts.requestCount() > before);
    waited.abort();
    expect((await opening).outcome).toBe('unknown');
  });

  it('sends nothing for a call that was given up before', async () => {
    const before = sts.requestCount();
    expect(await open(awsPlan(), AbortSignal.abort())).toMatchObject({ outcome: 'refused', retryable: true });
    expect(sts.requestCount()).toBe(before);
  });

  it('knows that nothing was opened where there was no connection', async () => {
    const gone = createServer();
    await new Promise<void>((listening) => gone.listen(0, '127.0.0.1', listening));
    const address = gone.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await new Promise((closed) => gone.close(closed));
    const unreachable = awsProvider({
      externalIds,
      chained: false,
      endpoint: `http://127.0.0.1:${port}`,
      credentials: sts.credentials,
    });
    const outcome = await unreachable.open(unreachable.prepare(awsPlan()), unhurried);
    expect(outcome).toMatchObject({ outcome: 'refused', retryable: true });
  });

  it('knows that nothing was opened where the broker has no credentials, or wrong ones', async () => {
    const missing = awsProvider({
      externalIds,
      chained: false,
      endpoint: sts.endpoint,
      credentials: () =>
        Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' })),
    });
    expect(await missing.open(missing.prepare(awsPlan()), unhurried)).toMatchObject({
      outcome: 'refused',
      retryable: false,
    });
    const wrong = awsProvider({
      externalIds,
      chained: false,
      endpoint: sts.endpoint,
      credentials: { ...sts.credentials, secretAccessKey: 'another' },
    });
    expect(await wrong.open(wrong.prepare(awsPlan()), unhurried)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('SignatureDoesNotMatch'),
    });
  });

  const iso = (timeMs: number) => new Date(timeMs).toISOString();
  const grant = awsPlan().grant;
  it.each<[string, Partial<StsAnswer>]>([
    ['another role', { arn: `arn:aws:sts::447109238812:assumed-role/Administrator/${grant}` }],
    ['another account', { arn: `arn:aws:sts::558210349923:assumed-role/CountersignOrdersDb/${grant}` }],
    ['another session name', { arn: 'arn:aws:sts::447109238812:assumed-role/CountersignOrdersDb/g-other' }],
    ['another role id', { assumedRoleId: 'AROASTANDIN000000000:g-other' }],
    ['another source identity', { sourceIdentity: 'g-other' }],
    ['no source identity', { sourceIdentity: '' }],
    ['an expiry twelve hours away', { expiration: iso(now + 43_200_000) }],
    ['an expiry in the past', { expiration: iso(now - 1_000) }],
    ['an expiry far too early', { expiration: iso(now + 60_000) }],
    ['an expiry that is no time', { expiration: 'tomorrow' }],
    ['a key that does not expire', { accessKeyId: 'AKIASTANDIN000000001' }],
    ['an access key id with markup', { accessKeyId: 'ASIA&lt;script&gt;0000' }],
    ['no access key id', { accessKeyId: '' }],
    ['a secret with a line break', { secretAccessKey: 'StandInSecretAccessKey&#10;NeverToBeSeen' }],
    ['no session token', { sessionToken: '' }],
    ['a packed size over 100 %', { packedPolicySize: '101' }],
    ['a packed size that is no number', { packedPolicySize: 'small' }],
  ])('does not believe an answer with %s, and drops its credentials', async (_, about) => {
    sts.behave({ kind: 'lie', about });
    const outcome = await open();
    expect(outcome).toEqual({ outcome: 'unknown', reason: expect.any(String) });
  });

  it('believes the same answer without the lie', async () => {
    sts.behave({ kind: 'lie', about: {} });
    expect((await open()).outcome).toBe('opened');
  });

  it('shows no secret in anything but the credentials of the outcome', async () => {
    const shown: unknown[] = [provider];
    const behaviours = [
      { kind: 'answer' },
      { kind: 'fail', code: 'AccessDenied', status: 403, message: sts.credentials.secretAccessKey },
      { kind: 'fail', code: 'InternalFailure', status: 500, message: sts.credentials.secretAccessKey },
      { kind: 'lie', about: { arn: 'arn:aws:sts::447109238812:assumed-role/Administrator/g' } },
      { kind: 'lie', about: { expiration: 'StandInSecretAccessKey/NeverToBeSeen' } },
      { kind: 'lie', about: { sessionToken: '<broken' } },
    ] as const;
    for (const behaviour of behaviours) {
      sts.behave(behaviour);
      shown.push(provider.prepare(awsPlan()), withoutCredentials(await open()));
    }
    const text =
      inspect(shown, { depth: 20, showHidden: true, maxStringLength: null }) + JSON.stringify(shown);
    expect(sts.secrets.length).toBeGreaterThan(behaviours.length);
    for (const secret of [...sts.secrets, sts.credentials.secretAccessKey])
      expect(text).not.toContain(secret);
    expect(text).not.toContain('NeverToBeSeen');
  });

  it('lets no secret out of a thrown error when the caller hands in broken parameters', async () => {
    const { parameters, ...rest } = provider.prepare(awsPlan());
    const outcome = await provider.open(
      { ...rest, parameters: { ...parameters, secret: 'NeverToBeSeen' } },
      unhurried,
    );
    expect(JSON.stringify(outcome)).not.toContain('NeverToBeSeen');
  });
});

describe('STS stand-in', () => {
  let sts: StsStandIn;
  beforeAll(async () => {
    sts = await startStsStandIn();
  });
  afterAll(() => sts.stop());

  it('refuses a call that is not signed', async () => {
    const body = new URLSearchParams({ Action: 'AssumeRole', Version: '2011-06-15' });
    const response = await fetch(sts.endpoint, { method: 'POST', body });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('SignatureDoesNotMatch');
    expect(sts.calls).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a duration of ten minutes', { duration_seconds: 600 }, /ValidationError/],
    ['a duration of a day', { duration_seconds: 86_400 }, /ValidationError/],
    ['a session name with a blank', { role_session_name: 'a b' }, /ValidationError/],
    ['a reserved source identity', { source_identity: 'aws:x' }, /ValidationError/],
    ['a policy that is too long', { policy: JSON.stringify({ x: 'x'.repeat(2_048) }) }, /ValidationError/],
    ['a policy that is none', { policy: '{}' }, /MalformedPolicyDocument/],
    ['tag keys that differ by case only', { tags: ['a=1', 'A=2'] }, /ValidationError/],
    ['a tag with a comma', { tags: ['a=1,2'] }, /ValidationError/],
  ])('refuses %s as AWS does', async (_, change, reason) => {
    const provider = awsProvider({
      externalIds,
      chained: false,
      endpoint: sts.endpoint,
      credentials: sts.credentials,
    });
    const prepared = provider.prepare(awsPlan());
    const parameters = { ...prepared.parameters, ...change } as typeof prepared.parameters; // as a defect would have it
    const outcome = await provider.open({ ...prepared, parameters }, unhurried);
    expect(outcome).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(reason) });
  });
});

function withoutCredentials(outcome: OpenOutcome): object {
  if (outcome.outcome !== 'opened') return outcome;
  const { credentials: _, ...rest } = outcome;
  return rest;
}
