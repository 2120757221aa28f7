import { draft } from '../draft.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { Channel } from '../policy/policy.ts';
import { type Notice, noticeKey } from './notice.ts';
import type { NotificationsState } from './state.ts';

const FAILURE_CHARACTERS = 300;

/** How telling ended: `failure` null means that it was taken by whoever carries it on. */
export interface Outcome {
  /** 0: there was nowhere to send it. */
  readonly attempts: number;
  readonly failure: string | null;
}

/** Writes down that somebody was told, or could not be. What another broker wrote meanwhile stands. */
export function decideTold(
  state: NotificationsState,
  notice: Notice,
  channel: Channel,
  { attempts, failure }: Outcome,
): Judgement {
  if (Object.hasOwn(state.told, noticeKey(notice, channel))) return { events: [] };
  const sent = draft(
    'countersign.notification.sent.v1',
    streams.notifications(notice.matter),
    notice.matter,
    {
      about: notice.about,
      occasion: notice.occasion,
      matter: notice.matter,
      audience: notice.audience,
      group: notice.group,
      channel,
      delivered: failure === null,
      attempts,
      failure: failure === null ? null : failure.slice(0, FAILURE_CHARACTERS).toWellFormed() || 'no reason',
    },
  );
  return { events: [sent] };
}
