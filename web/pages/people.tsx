import type { Child } from 'hono/jsx';
import type { FoundPerson } from '../../src/app/views/find-people.ts';
import type { PersonView } from '../../src/app/views/person-view.ts';
import type { FactorKind } from '../../src/domain/policy/policy.ts';
import { type Filled, nothingFilled, PostForm, TextField } from '../parts/forms.tsx';
import { Moment } from '../parts/moment.tsx';
import { actOf, FactorField, SignButton } from '../parts/show-factor.tsx';
import { Told } from '../parts/told.tsx';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

/** Colleagues by the beginning of their name. */
export const PeoplePage = (shown: {
  readonly frame: Frame;
  readonly name: string;
  /** null: nobody was looked for yet. */
  readonly found: readonly FoundPerson[] | null;
}) => (
  <PageFrame frame={shown.frame} title={text.people.title} place="people">
    <h1>{text.people.title}</h1>
    <p>{text.people.lead}</p>
    <search>
      <form method="get" action="/people" class="card">
        <TextField
          name="name"
          label={text.people.name}
          filled={{ values: { name: shown.name }, mistakes: {} }}
          most={100}
          required
        />
        <button type="submit" class="main">
          {text.people.find}
        </button>
      </form>
    </search>
    {shown.found === null ? null : shown.found.length === 0 ? (
      <p class="quiet" role="status">
        {text.people.nobody(shown.name)}
      </p>
    ) : (
      <ul class="rows card">
        {shown.found.map(({ person, display_name, issuer }) => (
          <li>
            <a href={`/people/${person}`}>{display_name}</a>
            <span class="quiet">
              {issuer} · <code>{person}</code>
            </span>
          </li>
        ))}
      </ul>
    )}
  </PageFrame>
);

/** What can be done about a colleague; every one of these is signed. */
export type PersonDeed = 'vouch' | 'vouch-recovery' | 'leaving' | 'return' | 'reset' | 'confirm-reset';

export interface PersonShown {
  readonly frame: Frame;
  readonly person: PersonView;
  readonly filled: Filled;
  /** Which form was just sent. */
  readonly tried: PersonDeed | null;
  readonly failed: string | null;
  /** What was just done, in words. */
  readonly done: string | null;
  /** What the policy in force wants for what is signed for others. */
  readonly factor: FactorKind;
  readonly voucher: { readonly code: string; readonly until: string } | null;
  /** Of those who asked for resets. */
  readonly nameOf: (person: string) => string;
}

export const PersonPage = (shown: PersonShown) => {
  const { frame, person, failed, done, voucher } = shown;
  const name = person.display_name ?? person.person;
  const isSelf = frame.visitor?.person === person.person;
  const administers = frame.visitor?.isAdministrator === true && !isSelf;
  return (
    <PageFrame
      frame={frame}
      title={name}
      place="people"
      islands={shown.factor === 'passkey' ? ['passkey'] : []}
    >
      <h1>{name}</h1>
      <p class="kicker">
        <span class="badge">{person.left ? text.people.left : text.people.here}</span>
        <code>{person.person}</code>
        {person.issuer === null ? null : (
          <span class="quiet">
            {text.people.issuer} {person.issuer}
          </span>
        )}
      </p>
      <Told failed={failed} done={done} />
      {voucher === null ? null : (
        <section class="card" aria-labelledby="voucher">
          <h2 id="voucher">{text.people.vouched}</h2>
          <p class="what">
            <code>{voucher.code}</code>
          </p>
          <p>
            {text.people.vouchedUntil} <Moment at={voucher.until} nowMs={frame.nowMs} />
          </p>
        </section>
      )}
      {isSelf ? <p>{text.people.self}</p> : null}
      <div class="columns">
        <div>
          {person.resets.map((reset) => (
            <PendingReset shown={shown} reset={reset} mayConfirm={administers} />
          ))}
          {isSelf || person.left ? null : <VouchForms shown={shown} />}
        </div>
        <div>
          {administers ? <LeavingForm shown={shown} /> : null}
          {administers && !person.left && person.resets.length === 0 ? <ResetForm shown={shown} /> : null}
        </div>
      </div>
    </PageFrame>
  );
};

/** What a passkey signs for each: the purpose of its act. */
const PURPOSES: Readonly<Record<PersonDeed, string>> = {
  vouch: 'vouch',
  'vouch-recovery': 'vouch-recovery',
  leaving: 'leave',
  return: 'return',
  reset: 'reset',
  'confirm-reset': 'confirm-reset',
};

/** A card that says what is done, asks what it needs, and has it signed. */
const DeedForm = (given: {
  readonly shown: PersonShown;
  readonly deed: PersonDeed;
  readonly title: string;
  readonly help?: string;
  /** Where several forms of one kind stand on the page. */
  readonly id?: string;
  /** What is signed for; left out: the person. */
  readonly about?: string;
  readonly asksReason?: boolean;
  readonly button?: string;
  readonly class?: string;
  readonly children?: Child;
}) => {
  const { shown, deed, title, id = deed, button = title } = given;
  const { frame, person, factor } = shown;
  const filled = shown.tried === deed ? shown.filled : nothingFilled;
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {given.children}
      {given.help === undefined ? null : <p class="quiet">{given.help}</p>}
      <PostForm frame={frame} action={`/people/${person.person}/${deed}`}>
        {given.about === undefined ? null : <input type="hidden" name="about" value={given.about} />}
        {given.asksReason === true ? (
          <TextField
            name="reason"
            label={text.people.reason}
            filled={filled}
            idPrefix={`${id}-`}
            most={500}
            required
          />
        ) : null}
        <FactorField by={factor} label={text.people.code} filled={filled} idPrefix={`${id}-`} />
        <SignButton
          by={factor}
          signs={actOf(PURPOSES[deed], deed === 'confirm-reset' ? (given.about ?? '') : person.person)}
          class={given.class ?? ''}
        >
          {button}
        </SignButton>
      </PostForm>
    </section>
  );
};

const VouchForms = ({ shown }: { readonly shown: PersonShown }) => (
  <>
    <DeedForm
      shown={shown}
      deed="vouch"
      title={text.people.vouch}
      help={text.people.vouchHelp}
      class="main"
    />
    {shown.person.recovered.map(({ factor, enrolled_at }) => (
      <DeedForm
        shown={shown}
        deed="vouch-recovery"
        id={factor}
        about={factor}
        title={text.people.recovered}
        help={text.people.vouchRecoveryHelp}
        button={text.people.vouchRecovery}
      >
        <p>
          <code>{factor}</code> · <Moment at={enrolled_at} nowMs={shown.frame.nowMs} />
        </p>
      </DeedForm>
    ))}
  </>
);

const LeavingForm = ({ shown }: { readonly shown: PersonShown }) =>
  shown.person.left ? (
    <DeedForm shown={shown} deed="return" title={text.people.returning} asksReason />
  ) : (
    <DeedForm
      shown={shown}
      deed="leaving"
      title={text.people.leaving}
      help={text.people.leavingHelp}
      asksReason
      class="danger"
    />
  );

const ResetForm = ({ shown }: { readonly shown: PersonShown }) => (
  <DeedForm
    shown={shown}
    deed="reset"
    title={text.people.reset}
    help={text.people.resetHelp}
    button={text.people.resetAsk}
    asksReason
    class="danger"
  />
);

/** What the second administrator reads before they confirm it. */
const PendingReset = ({
  shown,
  reset,
  mayConfirm,
}: {
  readonly shown: PersonShown;
  readonly reset: PersonView['resets'][number];
  readonly mayConfirm: boolean;
}) => {
  const told = <ResetTold shown={shown} reset={reset} />;
  const isOwn = reset.requested_by === shown.frame.visitor?.person;
  return mayConfirm && !isOwn ? (
    <DeedForm
      shown={shown}
      deed="confirm-reset"
      id={reset.reset}
      about={reset.reset}
      title={text.people.resetWaits}
      help={text.people.resetConfirmHelp}
      button={text.people.resetConfirm}
      class="danger"
    >
      {told}
    </DeedForm>
  ) : (
    <section class="card" aria-labelledby={reset.reset}>
      <h2 id={reset.reset}>{text.people.resetWaits}</h2>
      {told}
      {isOwn ? <p class="quiet">{text.people.resetOwn}</p> : null}
    </section>
  );
};

const ResetTold = ({
  shown,
  reset,
}: {
  readonly shown: PersonShown;
  readonly reset: PersonView['resets'][number];
}) => (
  <>
    <p>{text.people.resetAsked(shown.nameOf(reset.requested_by))}</p>
    <p class="why">{reset.reason ?? text.people.resetReasonGone}</p>
    <p class="quiet">
      {text.people.resetUntil} <Moment at={reset.expires_at} nowMs={shown.frame.nowMs} />
    </p>
  </>
);
