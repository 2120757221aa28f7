import type { Context } from 'hono';
import { Hono } from 'hono';
import { CatalogPage } from '../../../web/pages/catalog.tsx';
import { PeoplePage, type PersonDeed, PersonPage, type PersonShown } from '../../../web/pages/people.tsx';
import { PolicyPage, type PolicyShown, type Tried } from '../../../web/pages/policy.tsx';
import { nothingFilled } from '../../../web/parts/forms.tsx';
import { sayEntry, sayList } from '../../../web/said.ts';
import { text } from '../../../web/text.ts';
import { recordLeaving, recordReturn } from '../../app/person/record-leaving.ts';
import { vouchForPerson, vouchForRecovery } from '../../app/person/vouch-for-person.ts';
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
import { findPeople } from '../../app/views/find-people.ts';
import { personView } from '../../app/views/person-view.ts';
import { policyView, requireProposalReader } from '../../app/views/policy-view.ts';
import { iso } from '../../app/views/time.ts';
import { Failure, sentence } from '../../domain/errors.ts';
import type { PersonId } from '../../domain/ids.ts';
import { actorOf } from '../caller.ts';
import { factorId, line, personId, totp } from '../fields.ts';
import { answerPage, frameOf, type PageKit, readParameter, type SentForm, sentForm } from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';

/** Catalogue, people and policy: what everybody may look at, and what administrators do. */
export const administrationPages = (kit: PageKit) =>
  new Hono<HttpEnv>()
    .get('/catalog', async (c) => {
      const frame = await frameOf(kit, c);
      const known = await kit.broker.policies.inForceIfAny();
      const view = known === undefined ? undefined : await catalogView(kit.broker, actorOf(c));
      const shown = { frame, items: view?.items ?? [], digest: view?.policy_digest ?? null };
      return answerPage(c, <CatalogPage {...shown} />);
    })
    .get('/people', async (c) => {
      const name = line(100).safeParse(c.req.query('name')).data;
      const found = name === undefined ? null : await findPeople(kit.broker, name);
      return answerPage(c, <PeoplePage frame={await frameOf(kit, c)} name={name ?? ''} found={found} />);
    })
    .get('/people/:id', async (c) => {
      const id = readParameter(personId, c.req.param('id'), 'person');
      return answerPage(c, <PersonPage {...(await personShown(kit, c, id))} />);
    })
    .post('/people/:id/:deed', (c) => doAboutPerson(kit, c))
    .get('/policy', async (c) => answerPage(c, <PolicyPage {...(await policyShown(kit, c))} />))
    .post('/policy/plans', async (c) => {
      const form = await sentForm(c);
      const { tried } = await planned(kit, c, form.text('text'));
      const shown = {
        ...(await policyShown(kit, c)),
        filled: { ...nothingFilled, values: form.values },
        tried,
      };
      return answerPage(c, <PolicyPage {...shown} />, tried.plan === null ? 422 : 200);
    })
    .post('/policy/proposals', (c) => propose(kit, c))
    .post('/policy/proposals/:id/signatures', (c) => sign(kit, c));

async function personShown(
  { broker, ...kit }: PageKit,
  c: Context<HttpEnv>,
  id: PersonId,
  more: Partial<PersonShown> = {},
): Promise<PersonShown> {
  return {
    frame: await frameOf({ broker, ...kit }, c),
    person: await personView(broker, actorOf(c), id),
    filled: nothingFilled,
    tried: null,
    failed: null,
    done: null,
    usesPasskey: (await broker.policies.inForceIfAny())?.policy.factors.review === 'passkey',
    voucher: null,
    ...more,
  };
}

const DEEDS: readonly PersonDeed[] = ['vouch', 'vouch-recovery', 'leaving', 'return'];

/** What is wrong with what was typed, or what the broker said, is told beside what was typed. */
const SAID_ON_THE_PAGE: ReadonlySet<string> = new Set([
  'refused-by-rule',
  'step-up-needed',
  'factor-wrong',
  'factor-throttled',
  'factor-missing',
  'conflict',
  'already-done',
  'stale',
]);

async function doAboutPerson(kit: PageKit, c: Context<HttpEnv>): Promise<Response> {
  const id = readParameter(personId, c.req.param('id') ?? '', 'person');
  const tried = DEEDS.find((one) => one === c.req.param('deed'));
  if (tried === undefined) throw new Failure('not-found', text.problem.notFound);
  const form = await sentForm(c);
  const mistakes = deedMistakes(form, tried);
  const filled = { values: form.values, mistakes };
  if (Object.keys(mistakes).length > 0) {
    return answerPage(c, <PersonPage {...(await personShown(kit, c, id, { filled, tried }))} />, 422);
  }
  try {
    const more = await carryOut(kit, c, { id, tried, form });
    return answerPage(c, <PersonPage {...(await personShown(kit, c, id, more))} />);
  } catch (error) {
    if (!(error instanceof Failure) || !SAID_ON_THE_PAGE.has(error.code)) throw error;
    const failed = sentence(error.message);
    return answerPage(c, <PersonPage {...(await personShown(kit, c, id, { filled, tried, failed }))} />, 422);
  }
}

function deedMistakes(form: SentForm, deed: PersonDeed): Readonly<Record<string, string>> {
  const wantsReason = deed === 'leaving' || deed === 'return';
  return {
    ...(totp.safeParse(form.text('totp')).success ? {} : { totp: text.people.needCode }),
    ...(wantsReason && !line(500).safeParse(form.text('reason')).success
      ? { reason: text.people.needReason }
      : {}),
  };
}

async function carryOut(
  { broker }: PageKit,
  c: Context<HttpEnv>,
  what: { readonly id: PersonId; readonly tried: PersonDeed; readonly form: SentForm },
): Promise<Partial<PersonShown>> {
  const { id, tried, form } = what;
  const actor = actorOf(c);
  const shown = { totp: form.text('totp') };
  const reason = form.text('reason');
  const doneBy = (entries: readonly number[]) => {
    return { done: text.people.done(sayList(entries.map(sayEntry))) };
  };
  switch (tried) {
    case 'vouch': {
      const { enrolment_code, expires_at_ms, entries } = await vouchForPerson(broker, actor, id, shown);
      return { ...doneBy(entries), voucher: { code: enrolment_code, until: iso(expires_at_ms) } };
    }
    case 'vouch-recovery': {
      const factor = factorId.safeParse(form.text('factor')).data ?? null;
      return doneBy(await vouchForRecovery(broker, actor, id, { ...shown, factor }));
    }
    case 'leaving':
      return doneBy((await recordLeaving(broker, actor, id, { ...shown, reason })).entries);
    case 'return':
      return doneBy((await recordReturn(broker, actor, id, { ...shown, reason })).entries);
  }
}

async function policyShown(
  kit: PageKit,
  c: Context<HttpEnv>,
  more: Partial<PolicyShown> = {},
): Promise<PolicyShown> {
  const view = await policyView(kit.broker, actorOf(c));
  return {
    frame: await frameOf(kit, c),
    view,
    filled: { values: { text: view.text ?? '' }, mistakes: {} },
    tried: null,
    failed: null,
    done: null,
    ...more,
  };
}

/** Parsed, checked and planned as a proposal would be, with nothing put forward. */
async function planned(kit: PageKit, c: Context<HttpEnv>, policyText: string) {
  const { broker } = kit;
  await requirePublisher(broker, actorOf(c));
  const parsed = await kit.parsePolicy(policyText, {});
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
  const form = await sentForm(c);
  const policyText = form.text('text');
  const { policy, catalogue, tried } = await planned(kit, c, policyText);
  const filled = { ...nothingFilled, values: form.values };
  if (policy === undefined) {
    return answerPage(c, <PolicyPage {...(await policyShown(kit, c, { filled, tried }))} />, 422);
  }
  try {
    requireNextPublishers(policy, await planFacts(broker, catalogue));
    const given = { policy, text: policyText, catalogue, idempotency: undefined };
    await proposePolicy(broker, actorOf(c), given);
  } catch (error) {
    if (!(error instanceof Failure) || !SAID_ON_THE_PAGE.has(error.code)) throw error;
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
  const code = totp.safeParse((await sentForm(c)).text('totp')).data;
  try {
    if (code === undefined) throw new Failure('factor-wrong', text.people.needCode);
    const { statement } = await preparePublication(broker, actor, proposal);
    const given = { statement, totp: code, idempotency: undefined };
    const { in_force, signatures, needed } = await signPolicy(broker, actor, proposal, given);
    const done = in_force ? text.policy.published : text.policy.signed(signatures, needed);
    return answerPage(c, <PolicyPage {...(await policyShown(kit, c, { done }))} />);
  } catch (error) {
    if (!(error instanceof Failure) || !SAID_ON_THE_PAGE.has(error.code)) throw error;
    const failed = sentence(error.message);
    return answerPage(c, <PolicyPage {...(await policyShown(kit, c, { failed }))} />, 422);
  }
}
