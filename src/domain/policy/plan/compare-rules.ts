import { own } from '../own.ts';
import type { BreakGlass, ResolvedRule, Stage } from '../policy.ts';
import { sayDuration } from '../say-duration.ts';
import {
  type Difference,
  longerIsLooser,
  looser,
  more,
  moreIsTighter,
  nothing,
  tighter,
} from './difference.ts';

/**
 * What became looser or tighter about one entitlement, in words. What cannot be told to be tighter, such as another
 * group in a stage, counts as looser: somebody should look at it. What it allows and who may ask are told elsewhere.
 */
export const ruleDifferences = (before: ResolvedRule, after: ResolvedRule): readonly Difference[] =>
  comparisons.flatMap((compare) => compare(before, after));

type Comparison = (before: ResolvedRule, after: ResolvedRule) => readonly Difference[];

const comparisons: readonly Comparison[] = [
  review,
  ticket,
  (before, after) =>
    longerIsLooser(
      before.at_most_seconds,
      after.at_most_seconds,
      (was, is) => `lasts at most ${is} instead of ${was}`,
    ),
  breakGlass,
  (before, after) =>
    more(Object.keys(before.targets), Object.keys(after.targets), {
      added: (names) => `reaches ${names} too`,
      gone: (names) => `reaches ${names} no more`,
    }),
  parameters,
  delegates,
  role,
];

function review(before: ResolvedRule, after: ResolvedRule): readonly Difference[] {
  const [was, is] = [before.review, after.review];
  if (was === null && is === null) return nothing;
  if (is === null) return looser(`needs no review, where ${sayStages(was ?? [])} decided`);
  if (was === null) return tighter(`needs a review by ${sayStages(is)}, where none was needed`);
  return [
    ...moreIsTighter(
      was.length,
      is.length,
      (old, next) => `is reviewed in ${next} ${next === '1' ? 'stage' : 'stages'} instead of ${old}`,
    ),
    ...is.flatMap((stage, at) => {
      const old = was[at];
      return old === undefined ? nothing : stageDifferences(old, stage, at + 1);
    }),
  ];
}

function stageDifferences(was: Stage, is: Stage, number: number): readonly Difference[] {
  const from =
    was.from === is.from
      ? nothing
      : looser(`stage ${number} is decided by ${is.from} instead of ${was.from}`);
  return [
    ...moreIsTighter(
      was.people,
      is.people,
      (old, next) => `stage ${number} needs ${next} ${next === '1' ? 'person' : 'people'} instead of ${old}`,
    ),
    ...from,
    ...escalation(was, is, number),
  ];
}

function escalation(was: Stage, is: Stage, number: number): readonly Difference[] {
  const [old, next] = [was.escalate, is.escalate];
  if (next === undefined) return old === undefined ? nothing : tighter(`stage ${number} escalates no more`);
  if (old === undefined || old.to !== next.to)
    return looser(`stage ${number} escalates to ${next.to} after ${sayDuration(next.after_seconds)}`);
  return longerIsLooser(
    -old.after_seconds,
    -next.after_seconds,
    () =>
      `stage ${number} escalates after ${sayDuration(next.after_seconds)} instead of ${sayDuration(old.after_seconds)}`,
  );
}

const sayStages = (stages: readonly Stage[]): string =>
  stages.map(({ people, from }) => `${people} of ${from}`).join(', then ');

function ticket(before: ResolvedRule, after: ResolvedRule): readonly Difference[] {
  const [was, is] = [before.ticket, after.ticket];
  if (is === null) return was === null ? nothing : looser('needs no ticket any more');
  if (was === null) return tighter(`needs a ticket of ${is.project} that is ${is.state}`);
  const sameTicket = was.source === is.source && was.project === is.project && was.state === is.state;
  return [
    ...(sameTicket
      ? nothing
      : looser(
          `rests on a ticket of ${is.source} ${is.project} that is ${is.state}, not ${was.source} ${was.project} ${was.state}`,
        )),
    ...part(was.requester, is.requester),
    ...dropped(was.window === 'required', is.window === 'required', 'a change window'),
    ...dropped(
      was.closing !== undefined,
      is.closing !== undefined,
      'the ticket to stay as it is (closing ends grants)',
    ),
  ];
}

const part = (was: string, is: string): readonly Difference[] =>
  was === is
    ? nothing
    : (was === 'anyone' ? tighter : looser)(`the ticket needs to name the requester as ${is}, not ${was}`);

const dropped = (was: boolean, is: boolean, what: string): readonly Difference[] =>
  was === is ? nothing : is ? tighter(`needs ${what}`) : looser(`no longer needs ${what}`);

function breakGlass(before: ResolvedRule, after: ResolvedRule): readonly Difference[] {
  const [was, is] = [before.break_glass, after.break_glass];
  if (is === null) return was === null ? nothing : tighter('has no break-glass any more');
  if (was === null) return looser(`has a break-glass for ${sayDuration(is.at_most_seconds)}, where none was`);
  return breakGlassDifferences(was, is);
}

const breakGlassDifferences = (was: BreakGlass, is: BreakGlass): readonly Difference[] => [
  ...longerIsLooser(
    was.at_most_seconds,
    is.at_most_seconds,
    (old, next) => `break-glass lasts ${next} instead of ${old}`,
  ),
  ...more(was.without, is.without, {
    added: (names) => `break-glass works without ${names}`,
    gone: (names) => `break-glass no longer works without ${names}`,
  }),
  ...more(was.named ?? [], is.named ?? [], {
    added: (names) => `break-glass names ${names}`,
    gone: (names) => `break-glass no longer names ${names}`,
  }),
  ...moreIsTighter(
    was.review.people,
    is.review.people,
    (old, next) => `break-glass is reviewed by ${next} instead of ${old}`,
  ),
  ...longerIsLooser(
    was.review.within_seconds,
    is.review.within_seconds,
    (old, next) => `break-glass is reviewed within ${next} instead of ${old}`,
  ),
  ...(was.review.from === is.review.from
    ? nothing
    : looser(`break-glass is reviewed by ${is.review.from} instead of ${was.review.from}`)),
];

function parameters(before: ResolvedRule, after: ResolvedRule): readonly Difference[] {
  const [was, is] = [before.parameters ?? {}, after.parameters ?? {}];
  return Object.entries(is).flatMap(([name, { pattern }]) => {
    const old = own(was, name)?.pattern;
    return old === pattern ? nothing : looser(`the parameter ${name} may be whatever fits ${pattern}`);
  });
}

function delegates(before: ResolvedRule, after: ResolvedRule): readonly Difference[] {
  const say = ({ for: group, to, from, until }: NonNullable<ResolvedRule['delegates']>[number]) =>
    `${to} for ${group} from ${from} to ${until}`;
  const [was, is] = [(before.delegates ?? []).map(say), (after.delegates ?? []).map(say)];
  return [
    ...is.filter((one) => !was.includes(one)).flatMap((one) => looser(`may be decided by ${one}`)),
    ...was.filter((one) => !is.includes(one)).flatMap((one) => tighter(`is no longer decided by ${one}`)),
  ];
}

function role(before: ResolvedRule, after: ResolvedRule): readonly Difference[] {
  return before.role === after.role
    ? nothing
    : looser(`opens the role ${after.role} instead of ${before.role}`);
}
