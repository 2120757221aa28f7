import type { Context } from 'hono';
import { Hono } from 'hono';
import type { z } from 'zod';
import { AskPage, type AskShown } from '../../../web/pages/ask.tsx';
import { nothingFilled } from '../../../web/parts/forms.tsx';
import { sayLength } from '../../../web/said.ts';
import { text } from '../../../web/text.ts';
import { signingOptions } from '../../app/request/prepare-act.ts';
import { prepareAsk, submitRequest } from '../../app/request/submit-request.ts';
import { type CatalogItem, catalogView } from '../../app/views/catalog.ts';
import { usualWait } from '../../app/views/usual-wait.ts';
import { Failure } from '../../domain/errors.ts';
import { idPattern, type PersonId } from '../../domain/ids.ts';
import type { Asked } from '../../domain/request/submit-context.ts';
import { base64url } from '../../log/bytes.ts';
import { actorOf } from '../caller.ts';
import { factorId, paragraph, ticketName, totp } from '../fields.ts';
import { answerPage, frameOf, onceOf, type PageKit, type SentForm, sentForm } from '../page-kit.tsx';
import type { HttpEnv } from '../parts.ts';
import { factorIn } from '../sent-factor.ts';

/** Where an ask is put together, said back, and sent. */
export const askPages = (kit: PageKit) => {
  const { broker } = kit;
  const once = () => base64url(broker.random.bytes(18));
  return new Hono<HttpEnv>()
    .get('/ask', async (c) => {
      const { items } = await catalogView(broker, actorOf(c));
      const values = {
        ticket: ticketIn(c.req.query('ticket') ?? '').slice(0, 40),
        entitlement: c.req.query('entitlement') ?? '',
        duration: '30m',
      };
      const chosen = items.find(
        ({ entitlement, eligible }) => eligible && entitlement === values.entitlement,
      );
      const shown: AskShown = {
        frame: await frameOf(kit, c),
        items,
        chosen,
        filled: { ...nothingFilled, values },
        ticked: { scope: null, targets: null },
        saidBack: null,
        failed: null,
        once: once(),
      };
      return answerPage(c, <AskPage {...shown} />);
    })
    .post('/ask', (c) => answerAsk(kit, c, once()));
};

/** Said back, sent, or shown again with what is wrong at each field. */
async function answerAsk(kit: PageKit, c: Context<HttpEnv>, once: string): Promise<Response> {
  const { broker } = kit;
  const form = await sentForm(c);
  const { items } = await catalogView(broker, actorOf(c));
  const read = readAsk(form, items, broker.clock.nowMs());
  if (form.text('step') === 'statement') {
    return answerStatement(kit, c, read, factorId.safeParse(form.text('factor')).data);
  }
  const isSent = form.text('step') === 'send';
  const mistakes = { ...read.mistakes, ...(isSent ? codeMistake(form, read.chosen) : {}) };
  const sent =
    isSent && isEmpty(mistakes) && read.asked !== undefined ? await send(kit, c, form, read.asked) : null;
  if (sent !== null && 'request' in sent) return c.redirect(`/requests/${sent.request}`, 303);
  const shown: AskShown = {
    frame: await frameOf(kit, c),
    items,
    chosen: read.chosen,
    filled: { values: { ...form.values, ticket: ticketIn(form.text('ticket')) }, mistakes },
    ticked: read.ticked,
    saidBack: await saidBack(kit, read),
    failed: sent,
    once,
  };
  return answerPage(c, <AskPage {...shown} />, isSent || !isEmpty(mistakes) ? 422 : 200);
}

/** For the piece in the browser that has a passkey sign the ask: the same form, read the same way. */
async function answerStatement(
  { broker }: PageKit,
  c: Context<HttpEnv>,
  read: ReadAsk,
  factor: string | undefined,
): Promise<Response> {
  if (read.asked === undefined || !isEmpty(read.mistakes)) {
    return c.json({ detail: Object.values(read.mistakes).join(' ') }, 422);
  }
  const actor = actorOf(c);
  const { act, digest } = await prepareAsk(broker, actor, read.asked, factor);
  const passkey = await signingOptions(broker, actor, { factor: act.factor, digest });
  return c.json({ statement: act, passkey });
}

const isEmpty = (mistakes: Readonly<Record<string, string>>): boolean => Object.keys(mistakes).length === 0;

async function saidBack({ broker }: PageKit, read: ReadAsk): Promise<AskShown['saidBack']> {
  const { asked, chosen } = read;
  if (asked === undefined || chosen === undefined || !isEmpty(read.mistakes)) return null;
  return {
    seconds: asked.seconds,
    targets: asked.targets ?? chosen.targets,
    isEmergency: asked.breakGlass,
    usual: await usualWait(broker, chosen.entitlement),
  };
}

async function send(
  kit: PageKit,
  c: Context<HttpEnv>,
  form: SentForm,
  asked: Asked,
): Promise<{ readonly request: string } | NonNullable<AskShown['failed']>> {
  try {
    const given = { ...factorIn(form), idempotency: onceOf(kit, c, form) };
    return await submitRequest(kit.broker, actorOf(c), asked, given);
  } catch (error) {
    if (!(error instanceof Failure) || !ANSWERED_IN_THE_FORM.has(error.code)) throw error;
    return { message: error.message, mend: error.mend };
  }
}

/** What somebody can put right in the form itself. */
const ANSWERED_IN_THE_FORM: ReadonlySet<string> = new Set([
  'malformed-input',
  'refused-by-rule',
  'step-up-needed',
  'factor-wrong',
  'factor-throttled',
  'factor-missing',
  'ticket-source-unavailable',
  'stale',
  'conflict',
]);

interface ReadAsk {
  readonly chosen: CatalogItem | undefined;
  readonly asked: Asked | undefined;
  readonly mistakes: Readonly<Record<string, string>>;
  readonly ticked: AskShown['ticked'];
}

function readAsk(form: SentForm, items: readonly CatalogItem[], nowMs: number): ReadAsk {
  const chosen = items.find((item) => item.eligible && item.entitlement === form.text('entitlement'));
  // Ticks and parameters are of the entitlement that the form was made for: another one begins afresh.
  const isMadeFor = chosen !== undefined && form.text('shown_for') === chosen.entitlement;
  const ticked = isMadeFor ? readTicks(form, chosen) : { scope: null, targets: null };
  const seconds = readDuration(form.text('duration'));
  const people = readPeople(form.text('people'));
  const startMs = readStart(form.text('starts_at'), nowMs);
  const breakGlass = isMadeFor && form.text('break_glass') === 'true';
  const mistakes = mistakesIn(form, { chosen, isMadeFor, ticked, seconds, people, startMs, breakGlass });
  if (chosen === undefined || seconds === undefined || startMs === undefined) {
    return { chosen, asked: undefined, mistakes, ticked };
  }
  const ticket = ticketIn(form.text('ticket'));
  const asked: Asked = {
    entitlement: chosen.entitlement,
    people: people.ids.length === 0 ? null : people.ids,
    targets: ticked.targets,
    parameters: parametersIn(form, chosen),
    seconds,
    startMs,
    extends: null,
    scope:
      ticked.scope === null
        ? null
        : chosen.scope.filter(({ action, resource }) => ticked.scope?.includes(`${action} ${resource}`)),
    ticket: ticket === '' ? null : ticket,
    justification: form.text('justification').trim(),
    breakGlass,
  };
  return { chosen, asked, mistakes, ticked };
}

interface ReadParts {
  readonly chosen: CatalogItem | undefined;
  readonly isMadeFor: boolean;
  readonly ticked: AskShown['ticked'];
  readonly seconds: number | undefined;
  readonly people: { readonly wrong: string | undefined };
  readonly startMs: number | null | undefined;
  readonly breakGlass: boolean;
}

/** By field, what is wrong and what would be right. */
function mistakesIn(form: SentForm, read: ReadParts): Readonly<Record<string, string>> {
  const { chosen, isMadeFor, ticked, seconds, people, startMs, breakGlass } = read;
  const most = (breakGlass ? chosen?.break_glass?.at_most_seconds : undefined) ?? chosen?.at_most_seconds;
  const why = paragraph(2000).safeParse(form.text('justification').trim());
  const ticket = ticketIn(form.text('ticket'));
  const found: readonly (readonly [string, string | false | undefined])[] = [
    ['entitlement', chosen === undefined && text.ask.needEntitlement],
    ['duration', seconds === undefined && text.ask.needDuration],
    [
      'duration',
      seconds !== undefined && most !== undefined && seconds > most && text.ask.tooLong(sayLength(most)),
    ],
    ['justification', !why.success && whyMistake(form, why.error)],
    ['ticket', ticketMistake(ticket, chosen, breakGlass)],
    ['people', people.wrong !== undefined && text.ask.badPerson(people.wrong)],
    ['starts_at', startMs === undefined && text.ask.badStart],
    ['scope', ticked.scope?.length === 0 && text.ask.needScope],
    ['target', ticked.targets?.length === 0 && text.ask.needTarget],
    ...Object.keys(isMadeFor && chosen !== undefined ? chosen.parameters : {}).map(
      (name) =>
        [
          `parameter.${name}`,
          form.text(`parameter.${name}`).trim() === '' && text.ask.needParameter,
        ] as const,
    ),
  ];
  return Object.fromEntries(
    found.filter((one): one is readonly [string, string] => typeof one[1] === 'string'),
  );
}

const whyMistake = (form: SentForm, error: z.ZodError): string =>
  form.text('justification').trim() === ''
    ? text.ask.needWhy
    : (error.issues[0]?.message ?? text.ask.needWhy);

function ticketMistake(
  ticket: string,
  chosen: CatalogItem | undefined,
  breakGlass: boolean,
): string | undefined {
  if (ticket !== '') return ticketName.safeParse(ticket).success ? undefined : text.ask.needTicket;
  return chosen?.ticket == null || breakGlass ? undefined : text.ask.needTicket;
}

const codeMistake = (form: SentForm, chosen: CatalogItem | undefined): Readonly<Record<string, string>> =>
  chosen?.factors.request !== 'totp' || totp.safeParse(form.text('totp')).success
    ? {}
    : { totp: text.ask.needCode };

/** The key itself, or the end of a link to it. */
function ticketIn(given: string): string {
  const trimmed = given.trim();
  const [, key] = /^https?:\/\/\S*?([A-Za-z][A-Za-z0-9]*-\d+)\/?(?:[?#]\S*)?$/.exec(trimmed) ?? [];
  return key ?? trimmed;
}

/** `1h30m`, `90m`, `2h`; a plain number is minutes. */
function readDuration(given: string): number | undefined {
  const [whole, hours = '0', minutes = '0'] = /^(?:(\d{1,2})h)?(?:(\d{1,3})m?)?$/.exec(given.trim()) ?? [];
  if (whole === undefined || whole === '') return undefined;
  const seconds = Number(hours) * 3_600 + Number(minutes) * 60;
  return seconds >= 60 && seconds <= 43_200 ? seconds : undefined;
}

function readPeople(given: string): {
  readonly ids: readonly PersonId[];
  readonly wrong: string | undefined;
} {
  const words = given.split(/[\s,]+/).filter((word) => word !== '');
  const isId = (word: string): word is PersonId => idPattern.person.test(word);
  return { ids: words.filter(isId), wrong: words.find((word) => !isId(word)) };
}

/** null: none was given; undefined: it is no moment. What the page says is UTC is UTC, whatever it is written with. */
function readStart(given: string, nowMs: number): number | null | undefined {
  const trimmed = given.trim();
  if (trimmed === '') return null;
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2})?Z?$/.exec(trimmed) ?? [];
  const [, onlyTime] = /^(\d{2}:\d{2})$/.exec(trimmed) ?? [];
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const at = Date.parse(`${day ?? today}T${time ?? onlyTime ?? ''}:00Z`);
  return Number.isNaN(at) ? undefined : at;
}

const parametersIn = (form: SentForm, chosen: CatalogItem): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(chosen.parameters).map((name) => [name, form.text(`parameter.${name}`).trim()]),
  );

/** null: everything, as the entitlement has it. */
function readTicks(form: SentForm, chosen: CatalogItem): AskShown['ticked'] {
  const declared = chosen.scope.map(({ action, resource }) => `${action} ${resource}`);
  const scope = form.all('scope').filter((one) => declared.includes(one));
  const targets = form.all('target').filter((one) => chosen.targets.includes(one));
  return {
    scope: scope.length === new Set(declared).size ? null : scope,
    targets: chosen.targets.length < 2 ? null : targets,
  };
}
