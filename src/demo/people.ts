import type { DemoPerson } from './demo-person.ts';

/** An invented company. Groups are the identity provider's names; the policy says what they mean. */
export const people = [
  person('maya', 'Maya Chen', 'eng-payments'),
  person('tomas', 'Tomas Brandt', 'eng-payments', 'eng-payments-leads'),
  person('ines', 'Ines Alvarez', 'eng-payments', 'eng-payments-leads', 'sec-duty'),
  person('ada', 'Ada Osei', 'platform-admins'),
  person('bo', 'Bo Lindqvist', 'platform-admins'),
  person('cleo', 'Cleo Marchetti', 'platform-admins'),
  person('dan', 'Dan Whitaker', 'platform-admins'),
  person('noor', 'Noor Haddad', 'internal-audit'),
] as const satisfies readonly DemoPerson[];

export type Username = (typeof people)[number]['username'];

/** Named at `server init`: two sign the first policy, two vouch for colleagues. */
export const administrators: readonly Username[] = ['ada', 'bo', 'cleo', 'dan'];

function person<const Name extends string>(username: Name, name: string, ...groups: readonly string[]) {
  return { username, name, groups, email: `${username}@orders.example` };
}
