import { streams } from '../../domain/ids.ts';
import type { JudgedEntry } from '../audited-entry.ts';

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The stream an entry belongs to; ending in a slash: one of that kind. undefined: any. */
export function streamShouldBe(entry: JudgedEntry): string | undefined {
  switch (entry.type) {
    case 'countersign.log.genesis.v1':
    case 'countersign.server.configured.v1':
      return streams.log;
    case 'countersign.text.erased.v1':
      return undefined;
    case 'countersign.person.authenticated.v1':
    case 'countersign.person.signed-out.v1':
      return streams.signIn(entry.data.sign_in);
    case 'countersign.factor.vouched.v1':
    case 'countersign.factor.enrolled.v1':
    case 'countersign.factor.removed.v1':
    case 'countersign.factor.recovery-vouched.v1':
    case 'countersign.factor.reset-requested.v1':
    case 'countersign.factor.reset.v1':
    case 'countersign.person.left.v1':
    case 'countersign.person.returned.v1':
      return streams.person(entry.data.person);
    case 'countersign.factor.used.v1':
      return entry.data.step === null
        ? streams.passkeyUse(entry.data.factor)
        : streams.factorUse(entry.data.factor, entry.data.step);
    case 'countersign.factor.failed.v1':
      return `attempts/${entry.data.person}/`;
    case 'countersign.command.refused.v1':
      return `refusals/${entry.data.person}/`;
    case 'countersign.ticket.written.v1':
      return `ticket/${entry.data.source}/`;
    case 'countersign.break-glass.used.v1':
    case 'countersign.break-glass.reviewed.v1':
      return streams.breakGlass(entry.data.person);
    case 'countersign.policy.proposed.v1':
    case 'countersign.policy.signed.v1':
    case 'countersign.policy.published.v1':
      return streams.policy;
    case 'countersign.notification.sent.v1':
      return streams.notifications(entry.data.matter);
    default:
      return streams.request(entry.data.request);
  }
}

/**
 * How long after its last entry a stream's version is remembered, by kind; Infinity: as long as it may go on. Requests
 * are let go when they are over. What is forgotten can only begin again at 1, and rules on ids and times see that.
 */
export function rememberedForMs(stream: string): number {
  switch (stream.slice(0, stream.indexOf('/'))) {
    case 'sign-in':
      return 2 * DAY_MS;
    case 'factor-use':
      return QUARTER_MS;
    case 'attempts':
      return 2 * QUARTER_MS;
    case 'refusals':
      return 2 * HOUR_MS;
    case 'ticket':
    case 'notifications':
      return 30 * DAY_MS;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
