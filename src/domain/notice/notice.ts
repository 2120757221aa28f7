import type { StoredData } from '../events.ts';
import { own } from '../policy/own.ts';
import type { Channel, Policy } from '../policy/policy.ts';

type Sent = StoredData<'countersign.notification.sent.v1'>;
export type Occasion = Sent['occasion'];
export type Audience = Sent['audience'];

/** One thing that somebody is to hear of. Who they are: a group by its name, or one person. */
export type Notice = {
  readonly occasion: Occasion;
  /** The entry it is about. */
  readonly about: number;
  /** The request, the person, or `policy`: names the stream that remembers that it was told. */
  readonly matter: string;
  readonly audience: Audience;
} & ({ readonly group: string; readonly person: null } | { readonly group: null; readonly person: string });

/** The policy's word for how an audience hears of things; empty: it hears of nothing. */
export function channelsOf({ notify }: Pick<Policy, 'notify'>, audience: Audience): readonly Channel[] {
  switch (audience) {
    case 'reviewers':
    case 'break-glass-reviewers':
      return notify?.reviewers ?? [];
    case 'zone-owners':
      return notify?.zone_owners ?? [];
    case 'requester':
      return notify?.requesters ?? [];
    case 'administrators':
      return notify?.administrators ?? [];
  }
}

/** Where a whole group is written to; undefined: the policy in force does not say. */
export const mailOf = (policy: Pick<Policy, 'groups'>, group: string): string | undefined =>
  own(policy.groups, group)?.mail;

/** Equal for the same news to the same ears. */
export const noticeKey = (
  { about, occasion, audience, group }: Pick<Sent, 'about' | 'occasion' | 'audience' | 'group'>,
  channel: Channel,
): string => [about, occasion, audience, group ?? '', channel].join('\n');
