import type { Provider, TicketSource } from '../../src/app/ports.ts';
import { Failure } from '../../src/domain/errors.ts';
import type { World } from './harness.ts';

/** The ticket register does not answer until the returned function is called. */
export function takeTicketsDown({ broker }: World): () => void {
  // The broker only reads these maps; a test puts another adapter into the very place where the real one was.
  const sources = broker.ticketSources as Map<string, TicketSource>;
  const register = sources.get('register');
  if (register === undefined) throw new Error('no register to take down');
  const check = async () => {
    throw new Failure('ticket-source-unavailable', 'The register does not answer.');
  };
  sources.set('register', { ...register, check });
  return () => void sources.set('register', register);
}

/** From now on this broker dies in the moment in which the cloud has answered: nothing more of it is written. */
export function dieOnceTheCloudAnswers({ broker }: World): void {
  const providers = broker.providers as Map<'token' | 'aws', Provider>;
  for (const [kind, provider] of providers) {
    providers.set(kind, {
      ...provider,
      async open(prepared, signal) {
        const outcome = await provider.open(prepared, signal);
        await broker.sequencer.stop();
        return outcome;
      },
    });
  }
}
