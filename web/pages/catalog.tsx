import type { CatalogItem } from '../../src/app/views/catalog.ts';
import { AccessBadge } from '../parts/badge.tsx';
import { sayLength, sayList } from '../said.ts';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

/** Everything that anybody may ask for; what is not the visitor's, with the reason. */
export const CatalogPage = (shown: {
  readonly frame: Frame;
  readonly items: readonly CatalogItem[];
  readonly digest: string | null;
}) => (
  <PageFrame frame={shown.frame} title={text.catalog.title} place="catalog">
    <h1>{text.catalog.title}</h1>
    <p>{shown.items.length === 0 ? text.catalog.empty : text.catalog.lead}</p>
    {shown.items.map((item) => (
      <Item item={item} />
    ))}
    {shown.digest === null ? null : (
      <p class="quiet">
        {text.catalog.digest} <code>{shown.digest}</code>
      </p>
    )}
  </PageFrame>
);

const Item = ({ item }: { readonly item: CatalogItem }) => (
  <article class="card" aria-labelledby={`item-${item.entitlement}`}>
    <h2 id={`item-${item.entitlement}`}>{item.entitlement}</h2>
    <dl class="facts">
      <div>
        <dt>{text.catalog.where}</dt>
        <dd>{sayList(item.targets)}</dd>
      </div>
      <div>
        <dt>{text.catalog.atMost}</dt>
        <dd>{sayLength(item.at_most_seconds)}</dd>
      </div>
      <div>
        <dt>{text.catalog.who}</dt>
        <dd>{signedBy(item)}</dd>
      </div>
      <div>
        <dt>{text.catalog.ticket}</dt>
        <dd>
          {item.ticket === null
            ? text.facts.noTicket
            : text.ask.ticketNeeded(item.ticket.project, item.ticket.state)}
        </dd>
      </div>
    </dl>
    <ul class="rows">
      {item.scope.map(({ action, resource, access }) => (
        <li>
          <span>
            <code>{action}</code> · <code>{resource}</code>
          </span>
          <AccessBadge access={access} />
        </li>
      ))}
    </ul>
    {item.eligible ? (
      <p>
        <a class="button" href={`/ask?${new URLSearchParams({ entitlement: item.entitlement })}`}>
          {text.catalog.ask}
        </a>
      </p>
    ) : (
      <p class="quiet">
        {text.ask.notEligible}: {item.because}
      </p>
    )}
  </article>
);

const signedBy = ({ review }: CatalogItem): string =>
  review === null
    ? text.request.noReview
    : review.map(({ people, from }) => text.ask.stage(people, from)).join(text.ask.stageAfterStage);
