import type { RequestView } from '../../src/app/views/request-view.ts';
import { text } from '../text.ts';
import { Moment } from './moment.tsx';

/** The facts beside the sentence, and the requester's own words: always shown as text. */
export const RequestFacts = ({
  request,
  nowMs,
}: {
  readonly request: RequestView;
  readonly nowMs: number;
}) => (
  <>
    <dl class="facts">
      <Fact term={text.facts.entitlement}>{request.entitlement}</Fact>
      <Fact term={text.facts.ticket}>{request.ticket ?? text.facts.noTicket}</Fact>
      {request.starts_at === null ? null : (
        <Fact term={text.facts.starts}>
          <Moment at={request.starts_at} nowMs={nowMs} />
        </Fact>
      )}
      {request.extends === null ? null : (
        <Fact term={text.facts.carriesOn}>
          <code>{request.extends}</code>
        </Fact>
      )}
      {Object.entries(request.parameters).map(([name, value]) => (
        <Fact term={name}>
          <code>{value}</code>
        </Fact>
      ))}
    </dl>
    {request.justification === null ? null : (
      <blockquote class="why" aria-label={text.facts.why}>
        {request.justification.split('\n').map((line, at) => (
          <>
            {at === 0 ? null : <br />}
            {line}
          </>
        ))}
      </blockquote>
    )}
  </>
);

const Fact = ({ term, children }: { readonly term: string; readonly children: unknown }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children as string}</dd>
  </div>
);
