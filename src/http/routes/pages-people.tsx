import type { Context } from 'hono';
import { Hono } from 'hono';
import { PeoplePage, type PersonDeed, PersonPage, type PersonShown } from '../../../web/pages/people.tsx';
import { nothingFilled } from '../../../web/parts/forms.tsx';
import { sayEntry, sayList } from '../../../web/said.ts';
import { text } from '../../../web/text.ts';
import { recordLeaving, recordReturn } from '../../app/person/record-leaving.ts';
import { confirmReset, requestReset } from '../../app/person/reset-factors.ts';
import { vouchForPerson, vouchForRecovery } from '../../app/person/vouch-for-person.ts';
import { findPeople } from '../../app/views/find-people.ts';
import { namesOf } from '../../app/views/names.ts';
import { personView } from '../../app/views/person-view.ts';
import { iso } from '../../app/views/time.ts';
import type { Actor } from '../../domain/actor.ts';
import { Failure, sentence } from '../../domain/errors.ts';
import type { PersonId } from '../../domain/ids.ts';
import { actorOf } from '../caller.ts';
import { factorId, line, personId, resetId, totp } from '../fields.ts';
import { answerPage, frameOf, type PageKit, readParameter, type SentForm, sentForm } from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';
import { isSaidOnThePage } from '../said-on-the-page.ts';
import { factorIn, isSigned } from '../sent-factor.ts';

/** Colleagues: who they are, and what is signed about them. */
export const peoplePages = (kit: PageKit) =>
  new Hono<HttpEnv>()
    .get('/people', async (c) => {
      const name = line(100).safeParse(c.req.query('name')).data;
      const found = name === undefined ? null : await findPeople(kit.broker, name);
      return answerPage(c, <PeoplePage frame={await frameOf(kit, c)} name={name ?? ''} found={found} />);
    })
    .get('/people/:id', async (c) => {
      const id = readParameter(personId, c.req.param('id'), 'person');
      return answerPage(c, <PersonPage {...(await personShown(kit, c, id))} />);
    })
    .post('/people/:id/:deed', (c) => doAboutPerson(kit, c));

async function personShown(
  { broker, ...kit }: PageKit,
  c: Context<HttpEnv>,
  id: PersonId,
  more: Partial<PersonShown> = {},
): Promise<PersonShown> {
  const person = await personView(broker, actorOf(c), id);
  const name = await namesOf(
    broker,
    person.resets.map(({ requested_by }) => requested_by),
  );
  return {
    frame: await frameOf({ broker, ...kit }, c),
    person,
    nameOf: (asker) => name(asker).display_name ?? asker,
    filled: nothingFilled,
    tried: null,
    failed: null,
    done: null,
    factor: (await broker.policies.inForceIfAny())?.policy.factors.review ?? 'totp',
    voucher: null,
    ...more,
  };
}

const DEEDS: readonly PersonDeed[] = [
  'vouch',
  'vouch-recovery',
  'leaving',
  'return',
  'reset',
  'confirm-reset',
];
/** They stand in the log with why. */
const WITH_REASON: readonly PersonDeed[] = ['leaving', 'return', 'reset'];

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
    if (!isSaidOnThePage(error)) throw error;
    const failed = sentence(error.message);
    return answerPage(c, <PersonPage {...(await personShown(kit, c, id, { filled, tried, failed }))} />, 422);
  }
}

function deedMistakes(form: SentForm, deed: PersonDeed): Readonly<Record<string, string>> {
  const hasReason = !WITH_REASON.includes(deed) || line(500).safeParse(form.text('reason')).success;
  return {
    ...(isSigned(form) || totp.safeParse(form.text('totp')).success ? {} : { totp: text.people.needCode }),
    ...(hasReason ? {} : { reason: text.people.needReason }),
  };
}

async function carryOut(
  { broker }: PageKit,
  c: Context<HttpEnv>,
  what: { readonly id: PersonId; readonly tried: PersonDeed; readonly form: SentForm },
): Promise<Partial<PersonShown>> {
  const { id, tried, form } = what;
  if (tried === 'vouch') {
    const { enrolment_code, expires_at_ms, entries } = await vouchForPerson(
      broker,
      actorOf(c),
      id,
      factorIn(form),
    );
    return { ...saidDone(entries), voucher: { code: enrolment_code, until: iso(expires_at_ms) } };
  }
  return saidDone(await QUIET_DEEDS[tried](broker, actorOf(c), id, form));
}

const saidDone = (entries: readonly number[]) => ({
  done: text.people.done(sayList(entries.map(sayEntry))),
});

type Deed = (
  broker: PageKit['broker'],
  actor: Actor,
  id: PersonId,
  form: SentForm,
) => Promise<readonly number[]>;

/** Those that leave nothing to hand over: the entries each makes. */
const QUIET_DEEDS: Readonly<Record<Exclude<PersonDeed, 'vouch'>, Deed>> = {
  'vouch-recovery': (broker, actor, id, form) => {
    const factor = factorId.safeParse(form.text('about')).data ?? null;
    return vouchForRecovery(broker, actor, id, { ...factorIn(form), factor });
  },
  leaving: async (broker, actor, id, form) =>
    (await recordLeaving(broker, actor, id, withReason(form))).entries,
  return: async (broker, actor, id, form) =>
    (await recordReturn(broker, actor, id, withReason(form))).entries,
  reset: async (broker, actor, id, form) => (await requestReset(broker, actor, id, withReason(form))).entries,
  'confirm-reset': (broker, actor, id, form) =>
    confirmReset(broker, actor, id, readParameter(resetId, form.text('about'), 'reset'), factorIn(form)),
};

const withReason = (form: SentForm) => ({ ...factorIn(form), reason: form.text('reason') });
