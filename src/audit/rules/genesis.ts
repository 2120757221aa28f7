import { type Checks, nothing, trial } from '../hearing.ts';

type Genesis = 'countersign.log.genesis.v1';

const checks: Checks<Genesis, object> = {
  'genesis-comes-first': (entry, _, { state }) =>
    entry.seq !== 0 || state.genesis !== undefined
      ? 'a second genesis'
      : entry.data.origin === state.origin
        ? undefined
        : `it begins the log ${entry.data.origin}, not ${state.origin}`,
  'genesis-names-two-administrators': ({ data }) => {
    const distinct = new Set(data.administrators.map(({ person }) => person)).size;
    return distinct >= 2 && distinct === data.administrators.length
      ? undefined
      : `it names ${distinct} distinct administrators in ${data.administrators.length} places`;
  },
};

export const judgeGenesis = trial<Genesis, object>({
  subjectOf: nothing,
  checks,
  remember({ seq, data }, { state }) {
    state.genesis ??= {
      administrators: new Set(data.administrators.map(({ person }) => person)),
      publishNeeds: data.publish_needs,
    };
    for (const { code, person, expires_at_ms } of data.enrolment_codes) {
      state.codes.set(
        code,
        { seq, person, voucher: null, factor: null, expiresAtMs: expires_at_ms },
        expires_at_ms,
      );
    }
  },
});
