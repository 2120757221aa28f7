import type { Fold } from '../fold.ts';
import { noticeKey } from './notice.ts';

/** What was told about one request, one person, or the policy: each piece of news once to each of its ears. */
export interface NotificationsState {
  /** By `noticeKey`. */
  readonly told: Readonly<Record<string, Told>>;
}

export interface Told {
  readonly delivered: boolean;
  readonly atMs: number;
}

export const notificationsFold: Fold<NotificationsState> = {
  kind: 'notifications',
  initial: { told: {} },
  evolve(state, { event }) {
    if (event.type !== 'countersign.notification.sent.v1') return state;
    const { channel, delivered, decided_at_ms } = event.data;
    const told: Told = { delivered, atMs: decided_at_ms };
    return { told: { ...state.told, [noticeKey(event.data, channel)]: told } };
  },
  dueAtMs: () => null,
};
