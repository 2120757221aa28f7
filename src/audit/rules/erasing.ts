import { catalogue } from '../../domain/events.ts';
import { type Checks, nothing, trial } from '../hearing.ts';

type Erased = 'countersign.text.erased.v1';

const personal: ReadonlySet<string> = new Set(Object.values(catalogue).flatMap((event) => event.personal));

const checks: Checks<Erased, object> = {
  'erasure-is-of-personal-text': ({ seq, data }) => {
    if (data.entry >= seq) return `entry #${data.entry} came later`;
    const plain = data.fields.find((field) => !personal.has(field));
    return plain === undefined ? undefined : `${plain} is no personal text`;
  },
};

/** Whether the erased text was what its commitment says, nobody can check any more; no other rule asks. */
export const judgeErased = trial<Erased, object>({
  subjectOf: nothing,
  checks,
  remember({ data }, { findings }) {
    findings.erased.texts += data.fields.length;
  },
});
