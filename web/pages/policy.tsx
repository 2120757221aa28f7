import type { PolicyView, ProposalView } from '../../src/app/views/policy-view.ts';
import type { Mistake } from '../../src/domain/errors.ts';
import { CodeField, type Filled, LongTextField, PostForm } from '../parts/forms.tsx';
import { Moment } from '../parts/moment.tsx';
import { sayList } from '../said.ts';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

export type Plan = ProposalView['plan'];

/** A change that was tried: what is wrong with it, or what it would do. */
export interface Tried {
  readonly mistakes: readonly Mistake[];
  readonly plan: Plan | null;
}

export interface PolicyShown {
  readonly frame: Frame;
  readonly view: PolicyView;
  readonly filled: Filled;
  readonly tried: Tried | null;
  readonly failed: string | null;
  readonly done: string | null;
}

/** The policy in force as text, what waits for signatures, and a place to try a change. */
export const PolicyPage = ({ frame, view, filled, tried, failed, done }: PolicyShown) => (
  <PageFrame frame={frame} title={text.policy.title} place="policy" islands={['passkey']}>
    <h1>{text.policy.title}</h1>
    {failed === null ? null : (
      <p class="warning" role="alert">
        {failed}
      </p>
    )}
    {done === null ? null : (
      <p class="notice" role="status">
        {done}
      </p>
    )}
    <section class="card" aria-labelledby="in-force">
      <h2 id="in-force">{text.policy.inForce}</h2>
      {view.digest === null ? (
        <p class="calm">{text.policy.none}</p>
      ) : (
        <>
          <p class="quiet">
            {view.published_at === null ? null : (
              <>
                {text.policy.since} <Moment at={view.published_at} nowMs={frame.nowMs} /> ·{' '}
              </>
            )}
            <code>{view.digest}</code>
          </p>
          <details>
            <summary>{text.policy.text}</summary>
            <pre tabindex={0}>{view.text}</pre>
          </details>
        </>
      )}
    </section>
    {frame.visitor?.isOverseer === true ? (
      <section class="card" aria-labelledby="proposals">
        <h2 id="proposals">{text.policy.proposals}</h2>
        {view.proposals.length === 0 ? <p class="quiet">{text.policy.noProposals}</p> : null}
        {view.proposals.map((proposal) => (
          <Proposal
            frame={frame}
            proposal={proposal}
            usesPasskey={view.policy?.factors.review === 'passkey'}
          />
        ))}
      </section>
    ) : null}
    {frame.visitor?.isAdministrator === true ? (
      <section class="card" aria-labelledby="edit">
        <h2 id="edit">{text.policy.edit}</h2>
        <p class="quiet">{text.policy.editHelp}</p>
        {tried === null ? null : <TriedResult tried={tried} />}
        <PostForm frame={frame} action="/policy/plans">
          <LongTextField
            name="text"
            label={text.policy.text}
            help={text.policy.scopeFiles}
            filled={filled}
            most={262_144}
            rows={18}
          />
          <div class="actions">
            <button type="submit" class="main">
              {text.policy.plan}
            </button>
            {tried?.plan == null ? null : (
              <button type="submit" formaction="/policy/proposals">
                {text.policy.propose}
              </button>
            )}
          </div>
        </PostForm>
      </section>
    ) : null}
  </PageFrame>
);

const TriedResult = ({ tried }: { readonly tried: Tried }) => (
  <div role="status">
    {tried.plan === null ? (
      <>
        <h3>{text.policy.mistakes(tried.mistakes.length)}</h3>
        <ul class="rows">
          {tried.mistakes.map(({ at, message }) => (
            <li class="mistake">
              <code>{at}</code> <span>{message}</span>
            </li>
          ))}
        </ul>
      </>
    ) : (
      <>
        <p class="quiet">{text.policy.lintClean}</p>
        <h3>{text.policy.planTitle}</h3>
        <PlanShown plan={tried.plan} />
      </>
    )}
  </div>
);

const Proposal = ({
  frame,
  proposal,
  usesPasskey,
}: {
  readonly frame: Frame;
  readonly proposal: ProposalView;
  readonly usesPasskey: boolean;
}) => (
  <article>
    <p>
      <strong>{text.policy.signatures(proposal.signers.length, proposal.needed)}</strong> ·{' '}
      <code>{proposal.to_digest}</code> · <Moment at={proposal.proposed_at} nowMs={frame.nowMs} />
    </p>
    <PlanShown plan={proposal.plan} />
    {frame.visitor?.isAdministrator === true && !proposal.signers.includes(frame.visitor.person) ? (
      <SignForm frame={frame} proposal={proposal.proposal} usesPasskey={usesPasskey} />
    ) : null}
  </article>
);

const SignForm = (shown: {
  readonly frame: Frame;
  readonly proposal: string;
  readonly usesPasskey: boolean;
}) => (
  <PostForm frame={shown.frame} action={`/policy/proposals/${shown.proposal}/signatures`}>
    {shown.usesPasskey ? (
      <>
        <p class="warning" data-needs-script>
          {text.review.passkeyNeedsScript}
        </p>
        <p
          class="notice"
          role="status"
          data-passkey-state
          data-working-text={text.review.working}
          data-cancelled-text={text.review.cancelled}
          data-none-text={text.review.noPasskey}
          hidden
        />
      </>
    ) : (
      <CodeField
        name="totp"
        label={text.account.code}
        filled={{ values: {}, mistakes: {} }}
        idPrefix={`${shown.proposal}-`}
      />
    )}
    <button
      type="submit"
      class="main"
      data-passkey-publish={shown.usesPasskey ? shown.proposal : undefined}
      disabled={shown.usesPasskey}
    >
      {text.policy.sign}
    </button>
  </PostForm>
);

const SIGNS = { added: '+', removed: '−', changed: '≠' } as const;

/** Who gains and who loses what. */
export const PlanShown = ({ plan }: { readonly plan: Plan }) => {
  const isNothing =
    plan.changes.length === 0 &&
    plan.groups.length === 0 &&
    plan.sections.length === 0 &&
    !plan.administrators_changed;
  return (
    <>
      {isNothing ? <p>{text.policy.nothing}</p> : null}
      <ul class="rows">
        {[...plan.loosened].map((says) => (
          <li>
            <span>
              <span class="badge access-write">{text.policy.looser}</span> {says}
            </span>
          </li>
        ))}
        {[...plan.tightened].map((says) => (
          <li>
            <span>
              <span class="badge status-active">{text.policy.tighter}</span> {says}
            </span>
          </li>
        ))}
        {plan.changes.map((change) => (
          <li>
            <span>
              <span aria-hidden="true">{SIGNS[change.kind]}</span>{' '}
              <strong>
                {change.entitlement} {text.policy.kinds[change.kind]}
              </strong>
            </span>
            {change.gains.length === 0 ? null : (
              <span>
                {text.policy.gain}: {sayList(change.gains)}
              </span>
            )}
            {change.loses.length === 0 ? null : (
              <span>
                {text.policy.lose}: {sayList(change.loses)}
              </span>
            )}
            <span class="quiet">
              {text.policy.permissions(change.permissions_gained, change.permissions_lost)}
            </span>
            {[...change.loosened].map((says) => (
              <span>
                <span class="badge access-write">{text.policy.looser}</span> {says}
              </span>
            ))}
            {[...change.tightened].map((says) => (
              <span>
                <span class="badge status-active">{text.policy.tighter}</span> {says}
              </span>
            ))}
          </li>
        ))}
        {plan.lapses === null || plan.lapses.request_count + plan.lapses.grant_count === 0 ? null : (
          <li>{text.policy.lapses(plan.lapses.request_count, plan.lapses.grant_count)}</li>
        )}
      </ul>
    </>
  );
};
