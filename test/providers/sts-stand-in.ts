import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/**
 * A loopback server that answers AssumeRole as AWS does: query protocol in, XML out, with AWS's limits and a
 * signature that is computed again. What it gives away is never a real credential.
 */
export interface StsStandIn {
  readonly endpoint: string;
  /** Long-term keys the signature is checked against. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Form fields of every call whose signature fitted, in order. */
  readonly calls: readonly Readonly<Record<string, string>>[];
  /** Requests that came, whatever became of them. */
  readonly requestCount: () => number;
  /** Secrets handed out so far: none may show up anywhere else. */
  readonly secrets: readonly string[];
  /** Until told otherwise every call gets this; `{ kind: 'answer' }` at first. */
  behave(behaviour: StsBehaviour): void;
  stop(): Promise<void>;
}

export type StsBehaviour =
  | { readonly kind: 'answer' }
  /** `status` 400 unless given; 403 is usual for AccessDenied. */
  | { readonly kind: 'fail'; readonly code: string; readonly status?: number; readonly message?: string }
  /** Never answers: the caller's time runs out, though a session was opened. */
  | { readonly kind: 'silence' }
  /** Reads the call and cuts the connection. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'raw'; readonly status: number; readonly body: string }
  | { readonly kind: 'lie'; readonly about: Partial<StsAnswer> };

export interface StsAnswer {
  readonly arn: string;
  readonly assumedRoleId: string;
  readonly sourceIdentity: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: string;
  readonly packedPolicySize: string;
}

/**
 * @param nowMs the server's clock, for the expiry it answers with; the signature's date is not compared with
 * it
 */
export async function startStsStandIn({
  nowMs = Date.now,
}: {
  nowMs?: () => number;
} = {}): Promise<StsStandIn> {
  const credentials = {
    accessKeyId: 'AKIASTANDINBROKER000',
    secretAccessKey: 'stand-in/broker/secret/0123456789abcdefg',
  };
  const state = { behaviour: { kind: 'answer' } satisfies StsBehaviour as StsBehaviour, requests: 0 };
  const calls: Readonly<Record<string, string>>[] = [];
  const secrets: string[] = [];
  const server = createServer(async (request, response) => {
    state.requests += 1;
    const body = await readBody(request);
    const fields = Object.fromEntries(new URLSearchParams(body));
    const fault = signatureFault(request, body, credentials) ?? limitFault(fields);
    if (fault?.code !== 'SignatureDoesNotMatch') calls.push(fields);
    if (fault !== undefined) return sendError(response, fault);
    const answer = truthfulAnswer(fields, nowMs(), calls.length);
    secrets.push(answer.secretAccessKey, answer.sessionToken);
    carryOut(state.behaviour, answer, request, response, secrets);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials,
    calls,
    secrets,
    requestCount: () => state.requests,
    behave: (behaviour) => {
      state.behaviour = behaviour;
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function carryOut(
  behaviour: StsBehaviour,
  answer: StsAnswer,
  request: IncomingMessage,
  response: ServerResponse,
  secrets: string[],
): void {
  switch (behaviour.kind) {
    case 'answer':
      return send(response, 200, answerXml(answer));
    case 'fail':
      return sendError(response, behaviour);
    case 'silence':
      return;
    case 'cut':
      request.socket.destroy();
      return;
    case 'raw':
      return send(response, behaviour.status, behaviour.body);
    case 'lie': {
      const lie = { ...answer, ...behaviour.about };
      secrets.push(...[lie.secretAccessKey, lie.sessionToken].filter((secret) => secret !== ''));
      return send(response, 200, answerXml(lie));
    }
  }
}

function truthfulAnswer(fields: Readonly<Record<string, string>>, nowMs: number, count: number): StsAnswer {
  const [, partition, , , account, resource = ''] = (fields['RoleArn'] ?? '').split(':');
  const session = fields['RoleSessionName'] ?? '';
  const serial = String(count).padStart(6, '0');
  const seconds = Number(fields['DurationSeconds'] ?? '3600');
  return {
    arn: `arn:${partition}:sts::${account}:assumed-role/${resource.split('/').at(-1)}/${session}`,
    assumedRoleId: `AROASTANDIN000000000:${session}`,
    sourceIdentity: fields['SourceIdentity'] ?? '',
    accessKeyId: `ASIASTANDIN000${serial}`,
    secretAccessKey: `StandInSecretAccessKey/NeverToBeSeen/${serial}`,
    sessionToken: `StandInSessionTokenNeverToBeSeen${serial}`.repeat(4),
    expiration: `${new Date(nowMs + seconds * 1000).toISOString().slice(0, 19)}Z`,
    packedPolicySize: String(Math.ceil((fields['Policy'] ?? '').length / 30)),
  };
}

interface Fault {
  readonly code: string;
  readonly status?: number;
  readonly message?: string;
}

/** AWS's own limits, as the API reference of AssumeRole states them. */
function limitFault(fields: Readonly<Record<string, string>>): Fault | undefined {
  const {
    Action,
    Version,
    RoleArn = '',
    RoleSessionName = '',
    SourceIdentity = '',
    ExternalId,
    Policy,
  } = fields;
  const seconds = Number(fields['DurationSeconds'] ?? '3600');
  const invalid = (message: string): Fault => ({ code: 'ValidationError', message });
  if (Action !== 'AssumeRole' || Version !== '2011-06-15') return { code: 'InvalidAction' };
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(RoleArn)) return invalid('roleArn');
  if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName)) return invalid('roleSessionName');
  if (!/^(?!aws:)[\w+=,.@-]{2,64}$/.test(SourceIdentity)) return invalid('sourceIdentity');
  if (ExternalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(ExternalId)) return invalid('externalId');
  if (!(Number.isInteger(seconds) && seconds >= 900 && seconds <= 43_200)) return invalid('durationSeconds');
  if (Policy !== undefined && Policy.length > 2_048) return invalid('policy');
  if (Policy !== undefined && !isPolicy(Policy)) return { code: 'MalformedPolicyDocument' };
  return tagFault(fields) ? invalid('tags') : undefined;
}

function isPolicy(text: string): boolean {
  try {
    const policy: { Version?: string; Statement?: unknown } = JSON.parse(text);
    return policy.Version === '2012-10-17' && Array.isArray(policy.Statement);
  } catch {
    return false;
  }
}

function tagFault(fields: Readonly<Record<string, string>>): boolean {
  const tags = Object.entries(fields).filter(([name]) => name.startsWith('Tags.'));
  const keys = tags.filter(([name]) => name.endsWith('.Key')).map(([, key]) => key.toLowerCase());
  const isText = ([name, text]: [string, string]) =>
    /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text) && text.length <= (name.endsWith('.Key') ? 128 : 256);
  return keys.length > 50 || new Set(keys).size !== keys.length || !tags.every(isText);
}

/** Signature Version 4, computed again from the request as it arrived. */
function signatureFault(
  { headers, method = '', url = '' }: IncomingMessage,
  body: string,
  credentials: StsStandIn['credentials'],
): Fault | undefined {
  const fault: Fault = { code: 'SignatureDoesNotMatch', status: 403 };
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/sts\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, keyId, day = '', region = '', names = '', signature] =
    form.exec(headers.authorization ?? '') ?? [];
  if (keyId !== credentials.accessKeyId || !names.split(';').includes('host')) return fault;
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, '', signed.join(''), names, sha256(body)].join('\n');
  const scope = `${day}/${region}/sts/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  const key = [region, 'sts', 'aws4_request'].reduce(hmac, hmac(`AWS4${credentials.secretAccessKey}`, day));
  return hmac(key, toSign).toString('hex') === signature ? undefined : fault;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function answerXml(answer: StsAnswer): string {
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<SourceIdentity>${answer.sourceIdentity}</SourceIdentity>
<AssumedRoleUser><Arn>${answer.arn}</Arn><AssumedRoleId>${answer.assumedRoleId}</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>${answer.accessKeyId}</AccessKeyId><SecretAccessKey>${answer.secretAccessKey}</SecretAccessKey>
<SessionToken>${answer.sessionToken}</SessionToken><Expiration>${answer.expiration}</Expiration></Credentials>
<PackedPolicySize>${answer.packedPolicySize}</PackedPolicySize></AssumeRoleResult>
<ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata></AssumeRoleResponse>`;
}

function sendError(
  response: ServerResponse,
  { code, status = 400, message = 'as the stand-in was told' }: Fault,
): void {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>
<Message>${message}</Message></Error><RequestId>0b1f7a3e-1f6a-4d55-9c0e-1d1f6c1e7f11</RequestId></ErrorResponse>`;
  send(response, status, body);
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/xml',
    'x-amzn-requestid': 'c6104cbe-af31-11e0-8154-cbc7ccf896c7',
  });
  response.end(body);
}
