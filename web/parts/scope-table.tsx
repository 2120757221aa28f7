import type { ScopeItem } from '../../src/app/views/grant-view.ts';
import type { ActionWords } from '../../src/http/parts.ts';
import { text } from '../text.ts';
import { AccessBadge } from './badge.tsx';

/** What the cloud itself says of an action; nothing for a target that has no catalogue. */
export type PlainWords = ReadonlyMap<string, ActionWords>;

/** Action by action, resource by resource: in plain words where there are some, and as the policy says it. */
export const ScopeTable = ({
  scope,
  words,
}: {
  readonly scope: readonly ScopeItem[];
  readonly words: PlainWords;
}) => (
  <section class="card scope" aria-labelledby="scope">
    <h2 id="scope">{text.review.adds}</h2>
    <p class="quiet">{words.size === 0 ? text.review.addsNote : text.review.addsNoteAws}</p>
    {byResource(scope).map(([resource, items]) => (
      <table>
        <caption>
          <code>{resource}</code>
        </caption>
        <tbody>
          {items.map((item) => (
            <ActionRow item={item} words={words.get(item.action)} />
          ))}
        </tbody>
      </table>
    ))}
    <details>
      <summary>{text.review.asPolicy}</summary>
      <pre tabindex={0}>{JSON.stringify(scope, null, 2)}</pre>
    </details>
  </section>
);

const ActionRow = ({
  item,
  words,
}: {
  readonly item: ScopeItem;
  readonly words: ActionWords | undefined;
}) => (
  <tr class={`row-${item.access}`}>
    <th scope="row">
      <code>{item.action}</code>
    </th>
    <td class="words">
      {words === undefined ? null : (
        <>
          {words.count > 1 ? <strong>{text.review.manyActions(words.count)}: </strong> : null}
          {words.says}
        </>
      )}
    </td>
    <td class="level">
      <AccessBadge access={item.access} />
    </td>
  </tr>
);

function byResource(scope: readonly ScopeItem[]): readonly (readonly [string, readonly ScopeItem[]])[] {
  const found = Map.groupBy(scope, ({ resource }) => resource);
  return [...found];
}
