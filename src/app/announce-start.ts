import { digestOf } from '../domain/digest.ts';
import { draft } from '../domain/draft.ts';
import type { JsonObject } from '../log/json.ts';
import type { Broker } from './broker.ts';
import { brokerItself } from './grant/revoke-at-provider.ts';

/** Every start says under which configuration, without secrets: who changed an issuer or a role shows in the log. */
export async function announceStart(broker: Broker, configuration: JsonObject): Promise<void> {
  // A structured clone sheds the readonly marks; the value is plain JSON.
  const copy = structuredClone(configuration) as Parameters<typeof configured>[1];
  await broker.sequencer.submit({
    by: brokerItself(broker),
    streams: ['log'],
    factsAtMs: null,
    decide: () => ({ events: [configured(broker, copy)], result: () => undefined }),
  });
}

function configured(broker: Broker, configuration: Record<string, Exclude<JsonObject[string], undefined>>) {
  const digest = digestOf(broker.hasher, configuration);
  // The catalogue's type for JSON differs from the log's by readonly marks only.
  return draft('countersign.server.configured.v1', 'log', broker.id, {
    broker: broker.id,
    configuration: configuration as never,
    digest,
  });
}
