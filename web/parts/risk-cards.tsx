import type { RequestView } from '../../src/app/views/request-view.ts';
import type { RequesterHistory } from '../../src/app/views/requester-history.ts';
import type { Access } from '../../src/domain/policy/policy.ts';
import { say } from '../said.ts';
import { text } from '../text.ts';

interface Risk {
  readonly kind: 'danger' | 'caution' | 'plain';
  readonly glyph: string;
  readonly title: string;
  readonly note: string;
}

/** Only what the policy, the ticket or the log says: each card names its source. */
export const RiskCards = ({
  request,
  history,
}: {
  readonly request: RequestView;
  readonly history: RequesterHistory;
}) => (
  <section aria-labelledby="risks">
    <h2 id="risks" class="sr">
      {text.review.risks}
    </h2>
    <ul class="risks">
      {risksOf(request, history).map(({ kind, glyph, title, note }) => (
        <li class={`card risk risk-${kind}`}>
          <h3>
            <span aria-hidden="true">{glyph}</span> {title}
          </h3>
          <p>{note}</p>
        </li>
      ))}
    </ul>
  </section>
);

function risksOf(request: RequestView, history: RequesterHistory): readonly Risk[] {
  const { risk } = text.review;
  const declared = (access: Access) =>
    request.scope.filter((item) => item.access === access).map(({ action }) => action);
  const [destructive, credentials, write] = (['destructive', 'credentials', 'write'] as const).map(declared);
  const everywhere = request.scope.filter(({ resource }) => resource === '*').map(({ action }) => action);
  const found: (Risk | undefined)[] = [
    request.break_glass === null ? undefined : card('danger', '!', risk.emergency, risk.emergencyNote),
    cardFor(destructive, 'danger', '✕', risk.destructive, risk.destructiveNote),
    cardFor(credentials, 'danger', '⚿', risk.credentials, risk.credentialsNote),
    cardFor(write, 'caution', '✎', risk.write, risk.writeNote),
    cardFor(everywhere, 'caution', '∗', risk.everywhere, risk.everywhereNote),
    request.scope.every(({ access }) => access === 'read')
      ? card('plain', '◦', risk.reading, risk.readingNote)
      : undefined,
    history.same === 0
      ? card('plain', 'i', risk.first, risk.firstNote(history.granted, request.entitlement))
      : undefined,
  ];
  return found.filter((one) => one !== undefined);
}

const card = (kind: Risk['kind'], glyph: string, title: string, note: string): Risk => {
  return { kind, glyph, title, note };
};

function cardFor(
  actions: readonly string[] | undefined,
  kind: Risk['kind'],
  glyph: string,
  title: string,
  note: (actions: string) => string,
): Risk | undefined {
  return actions === undefined || actions.length === 0
    ? undefined
    : card(kind, glyph, title, note(sayActions(actions)));
}

const MOST_NAMED = 3;

function sayActions(actions: readonly string[]): string {
  const named = [...new Set(actions)];
  const more = named.length - MOST_NAMED;
  const first = named.slice(0, MOST_NAMED).join(', ');
  return more > 0 ? `${first} and ${say(more, 'more', 'more')}` : first;
}
