import type { Context } from 'hono';
import { Hono } from 'hono';
import { CatalogPage } from '../../../web/pages/catalog.tsx';
import {
  PolicyPage,
  type PolicyShown,
  type ScopeFile,
  scopeField,
  type Tried,
} from '../../../web/pages/policy.tsx';
import { text } from '../../../web/text.ts';
import { planFacts } from '../../app/policy/plan-facts.ts';
import {
  planOf,
  preparePublication,
  proposePolicy,
  requireNextPublishers,
  signPolicy,
} from '../../app/policy/publish-policy.ts';
import { requirePublisher } from '../../app/policy/require-publisher.ts';
import { catalogView } from '../../app/views/catalog.ts';
import { type PolicyView, policyView, requireProposalReader } from '../../app/views/policy-view.ts';
import { scopeFileText } from '../../app/views/scope-file.ts';
import type { Actor } from '../../domain/actor.ts';
import { Failure, sentence } from '../../domain/errors.ts';
import { own } from '../../domain/policy/own.ts';
import { actorOf } from '../caller.ts';
import { answerPage, frameOf, type PageKit, type SentForm, sentForm } from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';
import { isSaidOnThePage } from '../said-on-the-page.ts';
import { publishStatement } from '../schemas/statement.ts';
import { factorIn, isSigned, signatureIn } from '../sent-factor.ts';
import { type SentPolicy, sentPolicy } from '../sent-policy.ts';

/** What may be asked for, and the policy that says so: for everybody to read, for administrators to change. */
export const policyPages = (kit: PageKit) =>
  new Hono<HttpEnv>()
    .get('/catalog', async (c) => {
      const frame = await frameOf(kit, c);
      const known = await kit.broker.policies.inForceIfAny();
      const view = known === undefined ? undefined : await catalogView(kit.broker, actorOf(c));
      const shown = { frame, items: view?.items ?? [], digest: view?.policy_digest ?? null };
      return answerPage(c, <CatalogPage {...shown} />);
    })
    .get('/policy', async (c) => answerPage(c, <PolicyPage {...(await policyShown(kit, c))} />))
    .post('/policy/plans', async (c) => {
      await requirePublisher(kit.broker, actorOf(c));
      const sent = await sentPolicy(kit, await sentForm(c));
      const { tried } = await planned(kit, sent);
      const shown = await policyShown(kit, c, { filled: sent.filled, tried });
      return answerPage(c, <PolicyPage {...shown} />, tried?.plan == null ? 422 : 200);
    })
    .post('/policy/proposals', (c) => propose(kit, c))
    .post('/policy/proposals/:id/signatures', (c) => sign(kit, c));

async function policyShown(
  kit: PageKit,
  c: Context<HttpEnv>,
  more: Partial<PolicyShown> = {},
): Promise<PolicyShown> {
  const view = await policyView(kit.broker, actorOf(c));
  const inForce = scopeFilesOf(kit, view);
  const typed = inForce.map(({ path, text: content }) => [scopeField(path), content]);
  const filled = more.filled ?? {
    values: { ...Object.fromEntries(typed), text: view.text ?? '' },
    mistakes: {},
  };
  return {
    frame: await frameOf(kit, c),
    view,
    inForce,
    named: [...new Set(kit.namedScopes(filled.values['text'] ?? '').values())],
    filled,
    tried: null,
    failed: null,
    done: null,
    ...more,
  };
}

/** What the files meant that the policy in force names; they themselves were not kept. */
function scopeFilesOf({ namedScopes }: PageKit, { text: written, policy }: PolicyView): readonly ScopeFile[] {
  const files = [...namedScopes(written ?? '')].map(([entitlement, path]) => {
    const scope = policy === null ? undefined : own(policy.entitlements, entitlement)?.scope;
    return [path, scopeFileText(scope ?? [])] as const;
  });
  return [...new Map(files)].map(([path, content]) => ({ path, text: content }));
}

/** Parsed, checked and planned as a proposal would be, with nothing put forward; not when a chosen file is nobody's. */
async function planned(kit: PageKit, sent: SentPolicy) {
  const { broker } = kit;
  if (Object.keys(sent.filled.mistakes).length > 0)
    return { policy: undefined, catalogue: null, tried: null };
  const parsed = await kit.parsePolicy(sent.text, sent.scopes);
  if (parsed.policy === undefined) {
    const tried: Tried = { mistakes: parsed.mistakes, plan: null };
    return { ...parsed, tried };
  }
  const known = await broker.policies.inForceIfAny();
  const plan = planOf(known, parsed.policy, await planFacts(broker, parsed.catalogue));
  const tried: Tried = { mistakes: [], plan };
  return { ...parsed, tried };
}

async function propose(kit: PageKit, c: Context<HttpEnv>): Promise<Response> {
  const { broker } = kit;
  await requirePublisher(broker, actorOf(c));
  const sent = await sentPolicy(kit, await sentForm(c));
  const { filled } = sent;
  const { policy, catalogue, tried } = await planned(kit, sent);
  if (policy === undefined) {
    return answerPage(c, <PolicyPage {...(await policyShown(kit, c, { filled, tried }))} />, 422);
  }
  try {
    requireNextPublishers(policy, await planFacts(broker, catalogue));
    const given = { policy, text: sent.text, catalogue, idempotency: undefined };
    await proposePolicy(broker, actorOf(c), given);
  } catch (error) {
    if (!isSaidOnThePage(error)) throw error;
    const failed = sentence(error.message);
    return answerPage(c, <PolicyPage {...(await policyShown(kit, c, { filled, tried, failed }))} />, 422);
  }
  return answerPage(c, <PolicyPage {...(await policyShown(kit, c, { done: text.policy.proposed }))} />);
}

async function sign(kit: PageKit, c: Context<HttpEnv>): Promise<Response> {
  const { broker } = kit;
  const actor = actorOf(c);
  await requireProposalReader(broker, actor);
  const proposal = c.req.param('id') ?? '';
  const form = await sentForm(c);
  try {
    const { factor, statement } = isSigned(form)
      ? signatureIn(form, publishStatement)
      : await attestedIn(kit, actor, proposal, form);
    const given = { statement, ...factor, idempotency: undefined };
    const { in_force, signatures, needed } = await signPolicy(broker, actor, proposal, given);
    const done = in_force ? text.policy.published : text.policy.signed(signatures, needed);
    return answerPage(c, <PolicyPage {...(await policyShown(kit, c, { done }))} />);
  } catch (error) {
    if (!isSaidOnThePage(error)) throw error;
    const failed = sentence(error.message);
    return answerPage(c, <PolicyPage {...(await policyShown(kit, c, { failed }))} />, 422);
  }
}

/** A code attests the statement as it stands now. */
async function attestedIn({ broker }: PageKit, actor: Actor, proposal: string, form: SentForm) {
  const factor = factorIn(form);
  if (factor.totp === undefined) throw new Failure('factor-wrong', text.people.needCode);
  const { statement } = await preparePublication(broker, actor, proposal);
  return { factor, statement };
}
