import type { InferResponseType } from 'hono/client';
import type { Api } from '../api.ts';
import { printable } from '../output.ts';
import { tableLines } from '../table.ts';

export type Me = InferResponseType<Api['client']['v1']['me']['$get'], 200>;

/** Who somebody is to a broker. */
export function meLines(server: string, me: Me): readonly string[] {
  const named = printable(me.display_name ?? me.person);
  const until = me.expires_at === null ? [] : [['until', me.expires_at]];
  return [
    `${named}  ${me.person}`,
    ...tableLines(
      [
        ['broker', printable(server)],
        ['issuer', printable(me.issuer)],
        ['groups', me.groups.map((group) => printable(group)).join(', ') || 'none that the policy names'],
        ['factors', me.factors.map(sayFactor).join(', ') || 'none'],
        ...until,
      ].map(([name = '', value = '']) => [`  ${name}`, value]),
    ),
  ];
}

export const sayFactor = ({ factor, label, kind }: Me['factors'][number]): string =>
  `${printable(label ?? kind)} (${factor})`;
