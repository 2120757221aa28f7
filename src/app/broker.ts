import type { Hasher } from '../log/hasher.ts';
import type { Sequencer } from './command.ts';
import type { AccessTokens, AuthenticateWorkload, IdentityProviders, NamePerson } from './identity-ports.ts';
import type { PolicyLibrary } from './policy/policy-in-force.ts';
import type {
  AuthenticatorCodes,
  Clock,
  PaperCodes,
  Passkeys,
  Provider,
  Random,
  Sealer,
  TicketSource,
} from './ports.ts';
import type { Store } from './store.ts';

/** Everything a use case may reach. Put together in `server.ts` alone. */
export interface Broker {
  /** This process, in entries and in other brokers' eyes. */
  readonly id: string;
  /** Name and version, in every entry. */
  readonly program: string;
  readonly origin: string;
  /** Where people and clouds reach it; never taken from a request's headers. */
  readonly publicUrl: string;
  readonly store: Store;
  readonly sequencer: Sequencer;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly sealer: Sealer;
  readonly identityProviders: IdentityProviders;
  readonly accessTokens: AccessTokens;
  readonly authenticateWorkload: AuthenticateWorkload;
  readonly namePerson: NamePerson;
  readonly authenticator: AuthenticatorCodes;
  readonly passkeys: Passkeys;
  readonly paperCodes: PaperCodes;
  readonly policies: PolicyLibrary;
  readonly ticketSources: ReadonlyMap<string, TicketSource>;
  readonly providers: ReadonlyMap<'token' | 'aws', Provider>;
  /** Keyed so that an incident's name cannot be guessed from the log. */
  readonly incidentKey: Uint8Array;
  readonly report: (problem: { readonly what: string; readonly error: unknown }) => void;
}
