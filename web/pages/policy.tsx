import type { PolicyView, ProposalView } from '../../src/app/views/policy-view.ts';
import type { Mistake } from '../../src/domain/errors.ts';
import type { FactorKind } from '../../src/domain/policy/policy.ts';
import { FilesField, type Filled, LongTextField, nothingFilled, PostForm } from '../parts/forms.tsx';
import { Moment } from '../parts/moment.tsx';
import { Prose } from '../parts/prose.tsx';
import { FactorField, SignButton } from '../parts/show-factor.tsx';
import { Told } from '../parts/told.tsx';
import { sayList } from '../said.ts';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

export type Plan = ProposalView['plan'];

/** A change that was tried: what is wrong with it, or what it would do. */
export interface Tried {
  readonly mistakes: readonly Mistake[];
  readonly plan: Plan | null;
}

export interface ScopeFile {
  /** Beside the policy file, as it names it. */
  readonly path: string;
  readonly text: string;
}

/** The form's name for the text of a scope file. */
export const scopeField = (path: string): string => `scope:${path}`;

export interface PolicyShown {
  readonly frame: Frame;
  readonly view: PolicyView;
  /** The scope files of the policy in force, by their meaning. */
  readonly inForce: readonly ScopeFile[];
  /** The scope files that the text in the form names. */
  readonly named: readonly string[];
  readonly filled: Filled;
  readonly tried: Tried | null;
  readonly failed: string | null;
  readonly done: string | null;
}

/** The policy in force as text, what waits for signatures, and a place to try a change. */
export const PolicyPage = (shown: PolicyShown) => {
  const { frame, view, failed, done } = shown;
  return (
    <PageFrame frame={frame} title={text.policy.title} place="policy" islands={['passkey']}>
      <h1>{text.policy.title}</h1>
      <Told failed={failed} done={done} />
      <InForce shown={shown} />
      {frame.visitor?.isOverseer === true ? (
        <section class="card" aria-labelledby="proposals">
          <h2 id="proposals">{text.policy.proposals}</h2>
          {view.proposals.length === 0 ? <p class="quiet">{text.policy.noProposals}</p> : null}
          {view.proposals.map((proposal) => (
            <Proposal frame={frame} proposal={proposal} by={view.policy?.factors.review ?? 'totp'} />
          ))}
        </section>
      ) : null}
      {frame.visitor?.isAdministrator === true ? <Edit shown={shown} /> : null}
    </PageFrame>
  );
};

const InForce = ({ shown }: { readonly shown: PolicyShown }) => {
  const { frame, view, inForce } = shown;
  return (
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
          {inForce.map(({ path, text: content }) => (
            <details>
              <summary>
                <code>{path}</code>
              </summary>
              <p class="quiet">{text.policy.scopeMeaning}</p>
              <pre tabindex={0}>{content}</pre>
            </details>
          ))}
        </>
      )}
    </section>
  );
};

const MOST_TEXT = 262_144;

const Edit = ({ shown }: { readonly shown: PolicyShown }) => {
  const { frame, filled, tried } = shown;
  return (
    <section class="card" aria-labelledby="edit">
      <h2 id="edit">{text.policy.edit}</h2>
      <p class="quiet">{text.policy.editHelp}</p>
      {tried === null ? null : <TriedResult tried={tried} />}
      <PostForm frame={frame} action="/policy/plans" uploads>
        <LongTextField name="text" label={text.policy.text} filled={filled} most={MOST_TEXT} rows={18} />
        {scopePathsIn(shown).map(({ path, help }) => (
          <LongTextField
            name={scopeField(path)}
            label={path}
            filled={filled}
            most={MOST_TEXT}
            rows={7}
            {...(help === null ? {} : { help })}
          />
        ))}
        <FilesField
          name="files"
          label={text.policy.files}
          help={text.policy.filesHelp}
          filled={filled}
          accept=".yaml,.yml,.json"
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
  );
};

/** What the text names; and what was typed for another file stays, until it is taken out. */
function scopePathsIn({ named, filled, inForce }: PolicyShown) {
  const typed = Object.keys(filled.values)
    .filter((name) => name.startsWith(scopeField('')))
    .map((name) => name.slice(scopeField('').length));
  return [...new Set([...named, ...typed])].map((path) => {
    if (!named.includes(path)) return { path, help: text.policy.scopeNotNamed };
    const isAsInForce = inForce.some(
      (file) => file.path === path && file.text === filled.values[scopeField(path)],
    );
    return { path, help: isAsInForce ? text.policy.scopeMeaning : null };
  });
}

const TriedResult = ({ tried }: { readonly tried: Tried }) => (
  <div role="status">
    {tried.plan === null ? (
      <>
        <h3>{text.policy.mistakes(tried.mistakes.length)}</h3>
        <ul class="rows">
          {tried.mistakes.map(({ at, message }) => (
            <li>
              <code class="mistake">{at}</code>
              <span>
                <Prose text={message} />
              </span>
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
  by,
}: {
  readonly frame: Frame;
  readonly proposal: ProposalView;
  readonly by: FactorKind;
}) => (
  <article>
    <p>
      <strong>{text.policy.signatures(proposal.signers.length, proposal.needed)}</strong> ·{' '}
      <code>{proposal.to_digest}</code> · <Moment at={proposal.proposed_at} nowMs={frame.nowMs} />
    </p>
    <PlanShown plan={proposal.plan} />
    {frame.visitor?.isAdministrator === true && !proposal.signers.includes(frame.visitor.person) ? (
      <SignForm frame={frame} proposal={proposal.proposal} by={by} />
    ) : null}
  </article>
);

const SignForm = (shown: { readonly frame: Frame; readonly proposal: string; readonly by: FactorKind }) => (
  <PostForm frame={shown.frame} action={`/policy/proposals/${shown.proposal}/signatures`}>
    <FactorField
      by={shown.by}
      label={text.account.code}
      filled={nothingFilled}
      idPrefix={`${shown.proposal}-`}
    />
    <SignButton
      by={shown.by}
      signs={{ statements: `/v1/policy/proposals/${shown.proposal}/statements` }}
      class="main"
    >
      {text.policy.sign}
    </SignButton>
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
