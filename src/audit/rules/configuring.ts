import { digestOf } from '../digest-of.ts';
import { type Checks, nothing, trial } from '../hearing.ts';

type Configured = 'countersign.server.configured.v1';

const checks: Checks<Configured, object> = {
  'configuration-has-its-digest': ({ data }, _, { hasher }) =>
    digestOf(hasher, data.configuration) === data.digest
      ? undefined
      : 'the configuration was changed after its digest was taken',
  'actor-is-the-one-named': ({ data }) =>
    data.by.kind === 'broker' && data.by.broker === data.broker
      ? undefined
      : `it is said to be ${data.broker}'s`,
};

export const judgeConfigured = trial<Configured, object>({
  subjectOf: nothing,
  checks,
  remember: () => {},
});
