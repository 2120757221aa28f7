import type { StoredEvent } from '../../domain/events.ts';
import { type Notice, noticeKey } from '../../domain/notice/notice.ts';
import type { Channel } from '../../domain/policy/policy.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { hex, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { Fact, Message } from '../notifier.ts';
import { personalTexts } from '../personal-text.ts';
import { namesOf } from '../views/names.ts';
import { iso } from '../views/time.ts';
import { entryAt, type News } from './news-from-log.ts';
import { type NewsWords, sayNews } from './news-words.ts';

const SUBJECT_CHARACTERS = 200;
const TEXT_CHARACTERS = 4_000;
const ID_BYTES = 16;

/** One notice as it goes out. `personalText`: the operator lets names, tickets and reasons leave the broker. */
export async function messageOf(
  broker: Broker,
  { notice, request }: News,
  channel: Channel,
  personalText: boolean,
): Promise<Message> {
  const event = await entryAt(broker, notice.about);
  const texts = personalText ? await textsOf(broker, event, notice, request) : noTexts;
  const link = request === undefined ? null : pageFor(broker, notice);
  const { subject, lines } = sayNews({ notice, event, request, texts });
  return {
    id: messageId(broker, notice, channel),
    occasion: notice.occasion,
    atMs: broker.clock.nowMs(),
    audience: notice.audience,
    group: notice.group,
    person: notice.person,
    facts: {
      log: broker.origin,
      entry: notice.about,
      event: event.type,
      ...factsOf(event, notice, request),
      ...texts.facts,
      link,
    },
    subject: oneLine(`[countersign] ${subject}`).slice(0, SUBJECT_CHARACTERS).toWellFormed(),
    text: [...lines, ...footer(broker, notice, link)]
      .map(oneLine)
      .join('\n')
      .slice(0, TEXT_CHARACTERS)
      .toWellFormed(),
  };
}

/** Whoever is to sign or to judge gets the page for it; everybody else the request's. */
function pageFor({ publicUrl }: Broker, { matter, audience }: Notice): string {
  const isToDecide = audience === 'reviewers' || audience === 'break-glass-reviewers';
  return `${publicUrl}/requests/${matter}${isToDecide ? '/review' : ''}`;
}

function messageId({ hasher, origin }: Broker, notice: Notice, channel: Channel): string {
  const named = utf8(`countersign/notice/v1\n${origin}\n${noticeKey(notice, channel)}`);
  return `n-${hex(hasher.sha256(named).subarray(0, ID_BYTES))}`;
}

/** Control and format characters have no place in a header, a terminal or a chat. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

function factsOf(
  event: StoredEvent,
  { matter }: Notice,
  request: RequestState | undefined,
): Readonly<Record<string, Fact>> {
  if (request !== undefined) return requestFacts(event, matter, request);
  return event.type === 'countersign.policy.published.v1'
    ? { policy: event.data.to_digest, signers: event.data.signers }
    : { person: matter };
}

const requestFacts = (
  event: StoredEvent,
  matter: string,
  request: RequestState,
): Readonly<Record<string, Fact>> => ({
  request: matter,
  entitlement: request.entitlement,
  targets: request.targets,
  requester: request.person,
  people: request.people,
  duration_seconds: request.seconds,
  outcome: request.outcome,
  review_by: iso(request.breakGlass?.review_by_ms ?? request.reviewByMs),
  ...(request.breakGlass === null ? {} : { marks: request.breakGlass.marks }),
  ...(event.type === 'countersign.break-glass.reviewed.v1'
    ? { verdict: event.data.verdict, reviewer: event.data.reviewer }
    : {}),
});

const noTexts: NewsWords & { readonly facts: Readonly<Record<string, Fact>> } = {
  call: (person) => person,
  ticket: null,
  justification: null,
  facts: {},
};

async function textsOf(
  broker: Broker,
  event: StoredEvent,
  notice: Notice,
  request: RequestState | undefined,
): Promise<typeof noTexts> {
  const persons = [...new Set(personsIn([event.data, notice.matter, request?.person, request?.people]))];
  const name = await namesOf(broker, persons);
  const seq = request?.submittedSeq ?? -1;
  const text = await personalTexts(broker, seq < 0 ? [] : [seq]);
  const names = persons.flatMap((person) => {
    const { display_name } = name(person);
    return display_name === null ? [] : [[person, oneLine(display_name)] as const];
  });
  const [ticket, justification] = [text(seq, 'ticket'), text(seq, 'justification')];
  return {
    call: (person) => name(person).display_name ?? person,
    ticket,
    justification,
    facts: { names: Object.fromEntries(names), ticket, justification },
  };
}

/** Every person's id in a value, however deep. */
function personsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return /^[pw]-[a-z2-7]{26}$/.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(personsIn) : [];
}

const footer = ({ origin }: Broker, { about, audience, group }: Notice, link: string | null) => [
  '',
  `Entry #${about} of ${origin}${link === null ? '' : `; ${link}`}`,
  group === null
    ? 'You are told because it concerns an access of yours.'
    : `Told to ${audience.replaceAll('-', ' ')} (${group}), as the policy says under notify.`,
];
