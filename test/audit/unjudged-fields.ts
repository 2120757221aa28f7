import type { EventType } from '../../src/domain/events.ts';

/** Fields on which no verdict rests, and why. */
export const unjudgedFields: Readonly<
  Partial<Record<EventType | 'every', Readonly<Record<string, string>>>>
> = {
  every: {
    command: 'an arbitrary name; that entries of one decision share it is judged by what they say together',
    'by.broker': 'which of several brokers it was: each is believed alike',
    program: 'which program wrote it: for whoever looks for the mistake of one version',
  },
  'countersign.log.genesis.v1': {
    log_key: 'the verdict `intact` rests on it, before this one',
    'administrators.issuer': 'said for people: the id is made of issuer and subject under a key',
  },
  'countersign.person.authenticated.v1': {
    issuer: 'the provider’s word, as are the next ones: its ID token, disclosed, shows them to a stranger',
    groups: 'decisions name the groups that they rest on, told freshly for each',
    auth_time_ms: 'by the provider’s clock',
    acr: 'no policy asks for it',
    key_set_digest: 'for whoever checks the disclosed ID token',
  },
  'countersign.factor.enrolled.v1': {
    'passkey.attestation_format':
      'the making of a key is seen by the broker alone; judged where the policy asks for it',
    'passkey.attestation_digest': 'for whoever is shown the attestation itself',
    'passkey.attestation_root':
      'whom the broker believes stands in its configuration, as its operator’s word',
  },
  'countersign.person.signed-out.v1': { cause: 'the sign-in is over, whoever wanted it' },
  'countersign.factor.failed.v1': { purpose: 'nothing was decided' },
  'countersign.command.refused.v1': {
    about: 'said for people; whatever a refusal is judged by stands in `asked`',
  },
  'countersign.ticket.written.v1': {
    project: 'the ticket’s content is its writers’ word; what a decision rests on stands in its ticket check',
    window: 'as above',
    responders: 'whom a writer puts in is the writer’s word; that nobody writes in another’s name is judged',
    'responders.person': 'as above',
  },
  'countersign.ticket.checked.v1': {
    'facts.window': 'a window where the policy wants none; its ends are judged where it wants one',
  },
  'countersign.session.opening.v1': { broker: 'which of several brokers it was: each is believed alike' },
  'countersign.session.opened.v1': {
    cloud_session: 'the cloud’s own name: its own trail is compared with it, not this log',
    provider_request: 'as above',
    packed_policy_percent: 'how near the cloud’s bound it was: for operators',
  },
  'countersign.session.failed.v1': { reason: 'the cloud’s own words' },
  'countersign.grant.revoke-requested.v1': {
    channel: 'how the provider was to be asked; what came of it is in the confirmation',
  },
  'countersign.grant.cut-off.v1': { channel: 'as for a revocation' },
  'countersign.break-glass.used.v1': { 'down.seen': 'the broker’s words' },
  'countersign.notification.sent.v1': {
    occasion: 'why and whom the broker told: nothing is decided by it',
    audience: 'as above',
    group: 'as above',
    channel: 'as above',
  },
};
