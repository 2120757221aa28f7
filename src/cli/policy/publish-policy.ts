import { policyDigest } from '../../domain/policy/resolve.ts';
import { nodeHasher } from '../../platform/node-hasher.ts';
import { signInBrowser } from '../account/sign-in-browser.ts';
import type { Api } from '../api.ts';
import { askCode } from '../ask.ts';
import type { CliContext } from '../context.ts';
import { AlreadyTold } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { sayEntries } from '../say-people.ts';
import { checkPublication, requireSame } from './check-publication.ts';
import { findingLines, type LocalPolicy, readLocalPolicy } from './local-policy.ts';
import { planLines } from './plan-lines.ts';

/**
 * Puts a policy forward, or joins the proposal of the same policy that a colleague made, and signs it. What is signed
 * is the policy as this machine read it from the file: the broker's digests are made again here.
 */
export async function publishPolicy(
  context: CliContext,
  file: string,
  options: { readonly totpStdin?: boolean },
): Promise<void> {
  const { text, scopes, policy, findings } = await readLocalPolicy(context, file);
  if (policy === undefined) throw toldMistakes(context, findings);
  for (const line of findingLines(findings)) context.output.progress(line);
  const api = await context.api();
  const digest = policyDigest(nodeHasher, policy);
  const now = await (await api.client.v1.policy.$get()).json();
  if (now.digest === digest) {
    return context.output.result({ in_force: true, to_digest: digest }, [`in force already: ${digest}`]);
  }
  const known = now.proposals.find(({ to_digest }) => to_digest === digest);
  if (known?.signers.includes(api.person) === true) {
    const { proposal, signers, needed } = known;
    const json = { proposal, to_digest: digest, in_force: false, signatures: signers.length, needed };
    return context.output.result(json, [
      `you signed it before: ${signers.length} of ${needed}`,
      ...nextStep(json, file),
    ]);
  }
  const proposal = known?.proposal ?? (await propose(context, api, { text, scopes, digest }));
  await sign(context, api, { proposal, digest, file }, options);
}

function toldMistakes({ output }: CliContext, findings: LocalPolicy['findings']): AlreadyTold {
  output.result({ findings }, findingLines(findings));
  return new AlreadyTold(exitCode.usage);
}

async function propose(
  { output }: CliContext,
  { client }: Api,
  { text, scopes, digest }: Pick<LocalPolicy, 'text' | 'scopes'> & { readonly digest: string },
): Promise<string> {
  const answer = await (
    await client.v1.policy.proposals.$post({ json: { text, scopes: { ...scopes } } })
  ).json();
  requireSame('policy', answer.to_digest, digest);
  output.progress(`proposed ${answer.proposal}  ${sayEntries(answer.entries)}`);
  return answer.proposal;
}

async function sign(
  context: CliContext,
  api: Api,
  what: { readonly proposal: string; readonly digest: string; readonly file: string },
  options: { readonly totpStdin?: boolean },
): Promise<void> {
  const { proposal, digest, file } = what;
  const param = { id: proposal };
  const path = api.client.v1.policy.proposals[':id'];
  const prepared = await (await path.statements.$post({ param, query: {} })).json();
  const { statement, plan } = checkPublication(prepared, { proposal, to_digest: digest, signer: api.person });
  for (const line of [
    `from      ${statement.from_digest ?? 'no policy'}`,
    `to        ${digest}`,
    ...planLines(plan),
    `statement ${prepared.statement_digest}, over the first ${statement.log.size} entries of ${printable(statement.log.origin)}`,
  ]) {
    context.surroundings.stderr.write(`${line}\n`); // what is signed is shown, also with --quiet
  }
  if (prepared.passkey !== null) throw signInBrowser(api, '/policy');
  const totp = await askCode(context, options);
  const signed = await (await path.signatures.$post({ param, json: { statement, totp } })).json();
  context.output.result({ proposal, to_digest: digest, ...signed }, [
    `signed: ${signed.signatures} of ${signed.needed}  ${sayEntries(signed.entries)}`,
    ...nextStep(signed, file),
  ]);
}

interface Counted {
  readonly in_force: boolean;
  readonly signatures: number;
  readonly needed: number;
}

const nextStep = ({ in_force, signatures, needed }: Counted, file: string): readonly string[] =>
  in_force
    ? ['in force from now on']
    : [
        `${needed - signatures} more: another administrator runs countersign policy publish ${printable(file)}`,
      ];
