import type { RequestView } from '../../src/app/views/request-view.ts';
import type { Access } from '../../src/domain/policy/policy.ts';
import { sayLength, sayList } from '../said.ts';
import { text } from '../text.ts';

type Asked = Pick<
  RequestView,
  'person' | 'people' | 'targets' | 'scope' | 'duration_seconds' | 'status' | 'break_glass'
>;

export const nameOf = (person: { readonly person: string; readonly display_name: string | null }): string =>
  person.display_name ?? person.person;

const strongestFirst: readonly Access[] = ['credentials', 'destructive', 'write', 'read'];

/** The most that a scope allows. */
export const strongestOf = (scope: readonly { readonly access: Access }[]): Access =>
  strongestFirst.find((access) => scope.some((permission) => permission.access === access)) ?? 'read';

/** Those whom it is for, where that is not the one who asked. */
function othersOf({ person, people }: Asked): string | undefined {
  const isForThemselves = people.length === 1 && people[0]?.person === person.person;
  return isForThemselves ? undefined : sayList(people.map(nameOf));
}

function beginningOf(asked: Asked): string {
  const [who, others] = [nameOf(asked.person), othersOf(asked)];
  const { wants, wantsForOthers, had, hadForOthers } = text.sentence;
  const isOpen = asked.status === 'pending';
  if (others === undefined) return (isOpen ? wants : had)(who);
  return (isOpen ? wantsForOthers : hadForOthers)(who, others);
}

/** Who, what, where, how long: what a page about a request is called. */
export const RequestSentence = ({ asked }: { readonly asked: Asked }) => {
  const access = strongestOf(asked.scope);
  return (
    <>
      {beginningOf(asked)}
      <mark class={`access-${access}`}>{text.access[access].noun}</mark>
      {text.sentence.to(sayList(asked.targets))}
      {text.sentence.for(sayLength(asked.duration_seconds))}
    </>
  );
};

export const requestSentence = (asked: Asked): string =>
  [
    beginningOf(asked),
    text.access[strongestOf(asked.scope)].noun,
    text.sentence.to(sayList(asked.targets)),
    text.sentence.for(sayLength(asked.duration_seconds)),
  ].join('');

/** The same without who: for a list of one's own. */
export const shortSentence = (asked: Asked): string =>
  text.sentence.short(
    text.access[strongestOf(asked.scope)].noun,
    sayList(asked.targets),
    sayLength(asked.duration_seconds),
  );
