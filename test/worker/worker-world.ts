import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFiles } from '../../src/assemble.ts';
import { readConfig } from '../../src/config-file.ts';
import { type DemoIdentityProvider, startDemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { initialiseServer } from '../../src/server.ts';
import { workerSecrets } from '../../src/worker-secrets.ts';
import { writeWorkerAssets } from '../../tools/worker-assets.ts';
import {
  CLIENT_SECRET,
  everybody,
  type Name,
  SHOP_SECRET,
  staff,
  type TurnedClock,
  turnedClock,
} from '../http/harness.ts';
import type { Person } from '../http/person.ts';
import { policyText } from '../http/policy-text.ts';
import { startWorkloadIssuer, type WorkloadIssuer } from '../http/workload-issuer.ts';
import { type StsStandIn, startStsStandIn } from '../providers/sts-stand-in.ts';
import { AHEAD_HEADER } from './ahead-header.ts';
import { type Edge, startEdge } from './edge.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

const ORIGIN = 'log.example.com/worker-tests';

/** The whole broker in workerd, its identity provider in Node, its people signed in and the policy in force. */
export interface WorkerWorld {
  readonly url: string;
  /** What `server init` left on the administrator's machine. */
  readonly data: string;
  readonly clock: TurnedClock;
  readonly sts: StsStandIn;
  readonly workloads: WorkloadIssuer;
  readonly people: Readonly<Record<Name, Person>>;
  /** A new workerd on the same storage. `kill`: the old one had no time to end. */
  restart(ending?: 'stop' | 'kill'): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorkerWorld(): Promise<WorkerWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-worker-'));
  const data = join(directory, 'data');
  const assets = join(directory, 'assets');
  await writeWorkerAssets(assets);
  const clock = turnedClock();
  const edge = await startEdge(() => ({ [AHEAD_HEADER]: String(clock.nowMs() - Date.now()) }));
  const provider = await startProvider(edge);
  const [sts, workloads] = [await startStsStandIn({ nowMs: clock.nowMs }), await startWorkloadIssuer(clock)];
  const environment = {
    OIDC_CLIENT_SECRET: CLIENT_SECRET,
    SHOP_PROD_SECRET: SHOP_SECRET,
  };
  const configText = configOf(edge.url, provider.issuer, workloads.issuer, sts.endpoint);
  const path = join(directory, 'server.yaml');
  writeFileSync(path, configText);
  const config = readConfig(path, environment);
  const administrators = ['ada', 'bo'].map((subject) => ({ issuer: 'corp', subject }));
  const codes = await initialiseServer({ config, data, administrators, platform: { clock } });
  const secrets = {
    ...(await workerSecrets({ configText, data, environment, hasGenesis: true })),
    AWS_ACCESS_KEY_ID: sts.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sts.credentials.secretAccessKey,
  };
  const start = async (): Promise<WorkerProcess> => {
    const started = await startWorkerProcess(directory, {
      secrets,
      persist: join(directory, 'state'),
      assets,
      port: 0,
      entry: 'test/worker/turned-worker.ts',
    });
    edge.passTo(started.url);
    return started;
  };
  let worker = await start();
  const people = await everybody({ url: edge.url, clock }, codes, policyText);
  return {
    url: edge.url,
    data,
    clock,
    sts,
    workloads,
    people,
    async restart(ending = 'stop') {
      await worker[ending]();
      worker = await start();
    },
    async stop() {
      await worker.stop();
      await Promise.all([edge.stop(), provider.stop(), sts.stop(), workloads.stop()]);
      rmSync(directory, { recursive: true });
    },
  };
}

function startProvider({ url }: Edge): Promise<DemoIdentityProvider> {
  const client = {
    client_id: 'countersign',
    client_secret: CLIENT_SECRET,
    redirect_uris: [`${url}/v1/sign-in/callback`],
  };
  return startDemoIdentityProvider({ port: 0, people: staff, clients: [client] });
}

/** JSON is YAML too. */
const configOf = (url: string, issuer: string, workloads: string, sts: string): string =>
  JSON.stringify({
    origin: ORIGIN,
    public_url: url,
    issuers: [
      {
        name: 'corp',
        issuer,
        client_id: 'countersign',
        client_secret: { env: 'OIDC_CLIENT_SECRET' },
        max_claims_age_seconds: 0,
      },
    ],
    workload_issuers: [
      {
        name: 'pipelines',
        issuer: workloads,
        audience: url,
        algorithms: ['ES256'],
        jwks_uri: `${workloads}/jwks`,
      },
    ],
    introspection: { 'shop-prod': { env: 'SHOP_PROD_SECRET' } },
    aws: { endpoint: sts, region: 'eu-west-1', external_ids: { '447109238812': 'countersign-tests' } },
  });

export const keysOf = ({ data }: WorkerWorld): string => dataFiles(data).keys;
