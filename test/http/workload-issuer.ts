import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Clock } from '../../src/app/ports.ts';

/** An issuer of pipelines' tokens on loopback: a key set, and a pen. */
export interface WorkloadIssuer {
  readonly issuer: string;
  token(claims: { readonly subject: string; readonly audience: string }): Promise<string>;
  /** From now on its keys are said to be there; undefined: they are here. */
  redirectKeysTo(address: string | undefined): void;
  stop(): Promise<void>;
}

export async function startWorkloadIssuer(clock: Pick<Clock, 'nowMs'>): Promise<WorkloadIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'w1', alg: 'ES256', use: 'sig' };
  let elsewhere: string | undefined;
  const server = createServer((_, response) => {
    if (elsewhere !== undefined) return void response.writeHead(302, { location: elsewhere }).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    token: ({ subject, audience }) => {
      const now = Math.floor(clock.nowMs() / 1000);
      return new SignJWT()
        .setProtectedHeader({ alg: 'ES256', kid: 'w1' })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt(now)
        .setExpirationTime(now + 600)
        .sign(privateKey);
    },
    redirectKeysTo: (address) => {
      elsewhere = address;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
