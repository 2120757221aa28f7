import type { Fold } from '../fold.ts';
import type { Channel } from '../policy/policy.ts';
import { noticeKey, type Occasion } from './notice.ts';

/** What was told about one request, one person, or the policy: each piece of news once to each of its ears. */
export interface NotificationsState {
  /** By `noticeKey`. */
  readonly told: Readonly<Record<string, Told>>;
}

export interface Told {
  readonly occasion: Occasion;
  readonly group: string | null;
  readonly channel: Channel;
  readonly delivered: boolean;
  readonly atMs: number;
}

export const notificationsFold: Fold<NotificationsState> = {
  kind: 'notifications',
  initial: { told: {} },
  evolve(state, { event }) {
    if (event.type !== 'countersign.notification.sent.v1') return state;
    const { occasion, group, channel, delivered, decided_at_ms } = event.data;
    const told: Told = { occasion, group, channel, delivered, atMs: decided_at_ms };
    return { told: { ...state.told, [noticeKey(event.data, channel)]: told } };
  },
  dueAtMs: () => null,
};
