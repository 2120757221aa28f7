import type { FoundPerson } from '../../src/app/views/find-people.ts';
import type { PersonView } from '../../src/app/views/person-view.ts';
import { CodeField, type Filled, PostForm, TextField } from '../parts/forms.tsx';
import { Moment } from '../parts/moment.tsx';
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

/** What can be done about a colleague; every one of these asks for a code. */
export type PersonDeed = 'vouch' | 'vouch-recovery' | 'leaving' | 'return';

export interface PersonShown {
  readonly frame: Frame;
  readonly person: PersonView;
  readonly filled: Filled;
  /** Which form was just sent. */
  readonly tried: PersonDeed | null;
  readonly failed: string | null;
  /** What was just done, in words. */
  readonly done: string | null;
  /** Whether the policy in force wants a passkey for what is signed for others. */
  readonly usesPasskey: boolean;
  readonly voucher: { readonly code: string; readonly until: string } | null;
}

export const PersonPage = (shown: PersonShown) => {
  const { frame, person, failed, done, voucher } = shown;
  const name = person.display_name ?? person.person;
  const isSelf = frame.visitor?.person === person.person;
  return (
    <PageFrame frame={frame} title={name} place="people" islands={shown.usesPasskey ? ['passkey'] : []}>
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
      <div class="columns">
        <div>{isSelf || person.left ? null : <VouchForms shown={shown} />}</div>
        <div>
          {frame.visitor?.isAdministrator !== true || isSelf ? null : <LeavingForm shown={shown} />}
          {person.resets.length === 0 ? null : (
            <section class="card" aria-labelledby="resets">
              <h2 id="resets">{text.people.resets}</h2>
              <ul class="rows">
                {person.resets.map(({ reset, expires_at }) => (
                  <li>
                    <code>{reset}</code>
                    <Moment at={expires_at} nowMs={frame.nowMs} />
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
    </PageFrame>
  );
};

const filledFor = ({ tried, filled }: PersonShown, deed: PersonDeed): Filled =>
  tried === deed ? filled : { values: {}, mistakes: {} };

/** A code to type, or the notes of a passkey. */
const Shown = ({
  shown,
  deed,
  idPrefix,
}: {
  readonly shown: PersonShown;
  readonly deed: PersonDeed;
  readonly idPrefix: string;
}) =>
  shown.usesPasskey ? (
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
        data-voucher-text={text.people.vouched}
        hidden
      />
    </>
  ) : (
    <CodeField name="totp" label={text.people.code} filled={filledFor(shown, deed)} idPrefix={idPrefix} />
  );

const DeedButton = (given: {
  readonly shown: PersonShown;
  readonly deed: PersonDeed;
  readonly class?: string;
  readonly children: string;
}) => (
  <button
    type="submit"
    class={given.class ?? ''}
    data-passkey-deed={given.shown.usesPasskey ? given.deed : undefined}
    data-about={given.shown.person.person}
    disabled={given.shown.usesPasskey}
  >
    {given.children}
  </button>
);

const VouchForms = ({ shown }: { readonly shown: PersonShown }) => (
  <>
    <section class="card" aria-labelledby="vouch">
      <h2 id="vouch">{text.people.vouch}</h2>
      <p class="quiet">{text.people.vouchHelp}</p>
      <PostForm frame={shown.frame} action={`/people/${shown.person.person}/vouch`}>
        <Shown shown={shown} deed="vouch" idPrefix="vouch-" />
        <DeedButton shown={shown} deed="vouch" class="main">
          {text.people.vouch}
        </DeedButton>
      </PostForm>
    </section>
    {shown.person.recovered.map(({ factor, enrolled_at }) => (
      <section class="card" aria-labelledby={`recovered-${factor}`}>
        <h2 id={`recovered-${factor}`}>{text.people.recovered}</h2>
        <p>
          <code>{factor}</code> · <Moment at={enrolled_at} nowMs={shown.frame.nowMs} />
        </p>
        <p class="quiet">{text.people.vouchRecoveryHelp}</p>
        <PostForm frame={shown.frame} action={`/people/${shown.person.person}/vouch-recovery`}>
          <input type="hidden" name="factor" value={factor} />
          <Shown shown={shown} deed="vouch-recovery" idPrefix={`${factor}-`} />
          <DeedButton shown={shown} deed="vouch-recovery">
            {text.people.vouchRecovery}
          </DeedButton>
        </PostForm>
      </section>
    ))}
  </>
);

const LeavingForm = ({ shown }: { readonly shown: PersonShown }) => {
  const { person, frame } = shown;
  const deed = person.left ? 'return' : 'leaving';
  return (
    <section class="card" aria-labelledby="leaving">
      <h2 id="leaving">{person.left ? text.people.returning : text.people.leaving}</h2>
      {person.left ? null : <p class="quiet">{text.people.leavingHelp}</p>}
      <PostForm frame={frame} action={`/people/${person.person}/${deed}`}>
        <TextField
          name="reason"
          label={text.people.reason}
          filled={filledFor(shown, deed)}
          idPrefix="leaving-"
          most={500}
          required
        />
        <Shown shown={shown} deed={deed} idPrefix="leaving-" />
        <DeedButton shown={shown} deed={deed} class={person.left ? '' : 'danger'}>
          {person.left ? text.people.returning : text.people.leaving}
        </DeedButton>
      </PostForm>
    </section>
  );
};
