import type { Registered } from '../app/command.ts';
import { type Registry, registryOf } from '../app/registry.ts';
import type { RowChange } from '../app/store.ts';
import { breakGlassFold } from '../domain/break-glass/state.ts';
import type { Fold, FoldedEvent } from '../domain/fold.ts';
import type { StreamId } from '../domain/ids.ts';
import { notificationsFold } from '../domain/notice/state.ts';
import {
  attemptsFold,
  factorUseFold,
  passkeyUseFold,
  personFold,
  signInFold,
} from '../domain/person/state.ts';
import { logFold, policyFold } from '../domain/policy-change/state.ts';
import { refusalsFold } from '../domain/refusal.ts';
import { requestFold } from '../domain/request/evolve.ts';
import { ticketFold } from '../domain/ticket/state.ts';
import { breakGlassRows } from './break-glass.ts';
import { personRows, ticketRows } from './people-and-tickets.ts';
import { requestRows } from './requests.ts';

type Rows<State> = (stream: StreamId, state: State, last: FoldedEvent) => readonly RowChange[];

const noRows = () => [];

/** Forgets the state's type for the registry's sake; `stateFor` in app/registry.ts gives it back to the same fold. */
function registered<State>(fold: Fold<State>, rows: Rows<State>): Registered<unknown> {
  return { fold, rows } as unknown as Registered<unknown>;
}

/** Every kind of stream there is, with its fold and the rows it stands for. */
export const registry: Registry = registryOf(
  registered(logFold, noRows),
  registered(policyFold, noRows),
  registered(requestFold, (stream, state, last) => requestRows(stream, state, last.seq)),
  registered(personFold, noRows),
  registered(signInFold, personRows),
  registered(factorUseFold, noRows),
  registered(passkeyUseFold, noRows),
  registered(attemptsFold, noRows),
  registered(refusalsFold, noRows),
  registered(ticketFold, ticketRows),
  registered(breakGlassFold, breakGlassRows),
  registered(notificationsFold, noRows),
);
