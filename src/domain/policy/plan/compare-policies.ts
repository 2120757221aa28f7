import { own } from '../own.ts';
import type { FactorKind, Policy } from '../policy.ts';
import { sayDuration } from '../say-duration.ts';
import { type Difference, longerIsLooser, looser, moreIsTighter, nothing, tighter } from './difference.ts';

/** What became looser or tighter for everybody: factors, waiting, who publishes, who is one human. */
export const policyDifferences = (before: Policy, after: Policy): readonly Difference[] => [
  ...factors(before, after),
  ...passkeys(before, after),
  ...waiting(before, after),
  ...publishing(before, after),
  ...humans(before, after),
];

const strength: Readonly<Record<FactorKind, number>> = { none: 0, totp: 1, passkey: 2 };
const steps = { request: 'asking', review: 'reviewing', open: 'opening' } as const;

const factors = (before: Policy, after: Policy): readonly Difference[] =>
  (['request', 'review', 'open'] as const).flatMap((step) => {
    const [was, is] = [before.factors[step], after.factors[step]];
    if (was === is) return nothing;
    return (strength[is] > strength[was] ? tighter : looser)(
      `${steps[step]} takes ${say(is)} instead of ${say(was)}`,
    );
  });

const say = (factor: FactorKind): string => (factor === 'none' ? 'no factor' : `a factor (${factor})`);

/** Which passkeys may be enrolled: what is demanded less, or listed anew, is looser. */
function passkeys({ passkeys: before }: Policy, { passkeys: after }: Policy): readonly Difference[] {
  const [was, is] = [before?.attestation ?? 'none', after?.attestation ?? 'none'];
  const attested = (is === 'required' ? tighter : looser)(
    is === 'required'
      ? 'a passkey is enrolled only with its maker’s attestation'
      : 'a passkey is enrolled without its maker’s attestation',
  );
  return [...(was === is ? nothing : attested), ...makes(before?.authenticators, after?.authenticators)];
}

function makes(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): readonly Difference[] {
  if (before === undefined || after === undefined) {
    if (before === after) return nothing;
    return after === undefined
      ? looser('passkeys of any make are enrolled')
      : tighter('passkeys of listed makes only are enrolled');
  }
  const added = after.filter((aaguid) => !before.includes(aaguid));
  const gone = before.filter((aaguid) => !after.includes(aaguid));
  return [
    ...(added.length === 0 ? nothing : looser(`passkeys of the make ${added.join(', ')} are enrolled`)),
    ...(gone.length === 0
      ? nothing
      : tighter(`passkeys of the make ${gone.join(', ')} are enrolled no more`)),
  ];
}

const waiting = (before: Policy, after: Policy): readonly Difference[] => [
  ...longerIsLooser(
    before.waiting.review_seconds,
    after.waiting.review_seconds,
    (was, is) => `a request waits ${is} for its review instead of ${was}`,
  ),
  ...longerIsLooser(
    before.waiting.activation_seconds,
    after.waiting.activation_seconds,
    (was, is) => `an approval can be used for ${is} instead of ${was}`,
  ),
  ...schedule(before.waiting.schedule_seconds, after.waiting.schedule_seconds),
];

function schedule(before: number | undefined, after: number | undefined): readonly Difference[] {
  if (before === undefined)
    return after === undefined
      ? nothing
      : looser(`a start may be asked for ${sayDuration(after)} ahead, where none could`);
  return after === undefined
    ? tighter('no start can be asked for ahead any more')
    : longerIsLooser(before, after, (was, is) => `a start may be asked for ${is} ahead instead of ${was}`);
}

const publishing = (before: Policy, after: Policy): readonly Difference[] => [
  ...moreIsTighter(
    before.administrators.publish_needs,
    after.administrators.publish_needs,
    (was, is) => `publishing takes ${is} administrators instead of ${was}`,
  ),
  ...(before.administrators.from === after.administrators.from
    ? nothing
    : looser(`${after.administrators.from} publish instead of ${before.administrators.from}`)),
];

/** Who is one human counts once: a link that goes lets one person sign twice. */
function humans(before: Policy, after: Policy): readonly Difference[] {
  const links = (policy: Policy, name: string) => own(policy.humans ?? {}, name) ?? [];
  const names = [
    ...new Set([...Object.keys(before.humans ?? {}), ...Object.keys(after.humans ?? {})]),
  ].sort();
  return names.flatMap((name) => {
    const gone = links(before, name).filter((identity) => !links(after, name).includes(identity));
    const added = links(after, name).filter((identity) => !links(before, name).includes(identity));
    return [
      ...(gone.length === 0 ? nothing : looser(`${gone.join(', ')} no longer counted as ${name}`)),
      ...(added.length === 0 ? nothing : tighter(`${added.join(', ')} counted as ${name}`)),
    ];
  });
}
