import { readRequest, requestOfGrant } from './app/grant/find-grant.ts';
import { logTail } from './app/sequencer/log-tail.ts';
import { loadAwsCatalogue } from './cloud-actions/aws/load-catalogue.ts';
import { sayAwsActions } from './cloud-actions/aws/plain-words.ts';
import type { Assembled } from './compose.ts';
import type { Config } from './config.ts';
import type { Mistake } from './domain/errors.ts';
import type { Policy } from './domain/policy/policy.ts';
import { grantStatus } from './domain/request/status.ts';
import type { HttpParts } from './http/parts.ts';
import { checkPolicyFile } from './policy-file/check.ts';
import type { PolicyMistake } from './policy-file/mistake.ts';
import { namedScopes } from './policy-file/read-scopes.ts';
import { clientSecretMatches, introspect, parseBasicAuthorization } from './providers/introspection.ts';
import { discoveryDocument, discoveryPath } from './providers/token/discovery.ts';

/** Hands the HTTP face what it needs of adapters it does not know. */
export function httpParts(assembled: Assembled, config: Config, logger: HttpParts['logger']): HttpParts {
  const { readAssets, awsReference } = assembled.installation;
  return {
    logger,
    assets: readAssets(),
    trustedProxies: config.trustedProxies,
    browserIdleMs: config.browserIdleMs,
    sessionsInBrowsers: config.sessionsInBrowsers,
    grantTokens: grantTokens(assembled, config),
    sayActions: (actions) => sayAwsActions(actions, awsReference),
    tail: logTail(assembled.broker),
    namedScopes: lastRemembered(namedScopes),
    parsePolicy: async (text, scopes) => {
      const input = { text, path: POLICY_FILE, readScope: (path: string) => scopeText(scopes, path) };
      const options = {
        nowMs: assembled.broker.clock.nowMs(),
        issuers: config.issuers.map(({ name }) => name),
        workloadIssuers: config.workloadIssuers.map(({ name }) => name),
        loadCatalogue: (policy: Policy) => loadAwsCatalogue(policy, awsReference),
      };
      const { policy, findings, catalogue } = await checkPolicyFile(input, options);
      const mistakes = findings.filter(({ severity }) => severity === 'error').map(inItsFile);
      return { policy, catalogue, mistakes };
    },
  };
}

/** Nearly every look at the policy's page asks about the one text that is in force: it is read once. */
function lastRemembered<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  let last: { readonly text: string; readonly answer: Answer } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, answer: ask(text) };
    return last.answer;
  };
}

const POLICY_FILE = 'countersign.yaml';

/** Lines of a scope file are told with its name: there are several, and the policy's own are counted too. */
const inItsFile = ({ path, at, message }: PolicyMistake): Mistake => {
  return { at: path === POLICY_FILE ? at : `${path}:${at}`, message };
};

function scopeText(scopes: Readonly<Record<string, string>>, path: string): string {
  const text = Object.hasOwn(scopes, path) ? scopes[path] : undefined;
  if (text === undefined) throw new Error(`${path} was not sent`);
  return text;
}

function grantTokens(assembled: Assembled, config: Config): HttpParts['grantTokens'] {
  const { broker, grantKeys, grantIssuer } = assembled;
  return {
    jwks: () => grantKeys.jwks(broker.clock.nowMs()),
    discovery: () => discoveryDocument(grantIssuer, grantIssuer),
    discoveryPath: discoveryPath(grantIssuer),
    introspect: async (authorization, token) => {
      const client = parseBasicAuthorization(authorization);
      if (client === undefined) return undefined;
      if (!clientSecretMatches(config.introspectionSecrets, client.target, client.secret)) return undefined;
      const known = await broker.policies.inForceIfAny();
      const target = known?.policy.targets[client.target];
      if (target?.provider !== 'token') return { active: false };
      return introspect({
        token,
        caller: { target: client.target, audience: target.audience },
        issuer: grantIssuer,
        keys: grantKeys,
        isLive: (grant, session) => isLive(assembled, grant, session),
        nowMs: broker.clock.nowMs(),
      });
    },
  };
}

/** From the entries themselves: an edited list row keeps nothing alive. */
async function isLive({ broker }: Assembled, grant: string, session: string): Promise<boolean> {
  const request = await requestOfGrant(broker, grant).catch(() => undefined);
  if (request === undefined) return false;
  const found = (await readRequest(broker, request)).grants[grant];
  return (
    found?.sessions[session]?.phase === 'opened' && grantStatus(found, broker.clock.nowMs()) === 'active'
  );
}
