import type { MeView } from '../../src/app/views/me.ts';
import type { SignInView } from '../../src/app/views/sign-ins.ts';
import type { FactorKind } from '../../src/domain/policy/policy.ts';
import { CodeField, type Filled, nothingFilled, PostForm, TextField } from '../parts/forms.tsx';
import { Moment } from '../parts/moment.tsx';
import { actOf, FactorField, PasskeyNotes, SignButton } from '../parts/show-factor.tsx';
import { Told } from '../parts/told.tsx';
import { sayList } from '../said.ts';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

export interface AccountShown {
  readonly frame: Frame;
  readonly me: MeView;
  readonly signIns: readonly SignInView[];
  readonly filled: Filled;
  readonly failed: string | null;
  readonly done: string | null;
}

/** One's groups, factors and sign-ins. */
export const AccountPage = (shown: AccountShown) => {
  const { frame, me, failed, done } = shown;
  return (
    <PageFrame frame={frame} title={text.account.title} place="account" islands={['passkey']}>
      <h1>{text.account.title}</h1>
      <p class="kicker">
        <strong>{frame.visitor?.name}</strong> <code>{me.person}</code>
      </p>
      <Told failed={failed} done={done} />
      {me.rests_until === null ? null : (
        <p class="warning">
          {text.account.rests} <Moment at={me.rests_until} nowMs={frame.nowMs} />
        </p>
      )}
      <div class="columns">
        <div>
          <Factors shown={shown} />
          <Enrol shown={shown} />
        </div>
        <div>
          <section class="card" aria-labelledby="groups">
            <h2 id="groups">{text.account.groups}</h2>
            <p>{me.groups.length === 0 ? text.account.noGroups : sayList(me.groups)}</p>
          </section>
          <SignIns shown={shown} />
          <PostForm frame={frame} action="/sign-out">
            <button type="submit">{text.nav.signOut}</button>
          </PostForm>
        </div>
      </div>
    </PageFrame>
  );
};

const Factors = ({ shown }: { readonly shown: AccountShown }) => {
  const { me, frame } = shown;
  return (
    <section class="card" aria-labelledby="factors">
      <h2 id="factors">{text.account.factors}</h2>
      {me.factors.length === 0 ? (
        <>
          <p class="calm">{text.account.noFactors}</p>
          <p class="quiet">{text.account.noFactorsHelp}</p>
        </>
      ) : (
        <ul class="rows">
          {me.factors.map(({ factor, kind, label, enrolled_at, waits_for_voucher }) => (
            <li>
              <span>
                <strong>{label ?? text.account.unnamed}</strong> · {text.account.kind[kind]}
              </span>
              <span class="quiet">
                {text.account.enrolledAt} <Moment at={enrolled_at} nowMs={frame.nowMs} />
              </span>
              {waits_for_voucher ? <span class="warning">{text.account.waitsForVoucher}</span> : null}
              {me.factors.length < 2 ? null : (
                <Removal frame={frame} factor={factor} by={answersFor(me.factors)} />
              )}
            </li>
          ))}
        </ul>
      )}
      {me.factors.length === 1 ? <p class="quiet">{text.account.lastStays}</p> : null}
    </section>
  );
};

/** Whoever has a passkey changes their factors by its signature: a stolen authenticator takes none away. */
export const answersFor = (factors: MeView['factors']): FactorKind =>
  factors.some(({ kind }) => kind === 'passkey') ? 'passkey' : 'totp';

const Removal = (shown: { readonly frame: Frame; readonly factor: string; readonly by: FactorKind }) => (
  <details>
    <summary>{text.account.remove}</summary>
    <PostForm frame={shown.frame} action={`/account/factors/${shown.factor}/removal`}>
      <FactorField
        by={shown.by}
        label={text.account.code}
        filled={nothingFilled}
        idPrefix={`${shown.factor}-`}
      />
      <SignButton by={shown.by} signs={actOf('remove', shown.factor)} class="danger">
        {text.account.remove}
      </SignButton>
    </PostForm>
  </details>
);

const Enrol = ({ shown }: { readonly shown: AccountShown }) => {
  const { frame, filled, me } = shown;
  return (
    <section class="card" aria-labelledby="enrol">
      <h2 id="enrol">{text.account.enrolAny}</h2>
      <PostForm frame={frame} action="/account/factors" id="enrol-form">
        <TextField name="label" label={text.account.label} filled={filled} most={60} required />
        {me.factors.length > 0 ? null : (
          <TextField
            name="enrolment_code"
            label={text.account.enrolCode}
            help={text.account.enrolCodeHelp}
            filled={filled}
            most={100}
          />
        )}
        <details {...(filled.mistakes['recovery_code'] === undefined ? {} : { open: true })}>
          <summary>{text.account.lost}</summary>
          <TextField
            name="recovery_code"
            label={text.account.recoveryCode}
            help={text.account.recoveryCodeHelp}
            filled={filled}
            most={100}
          />
        </details>
        {me.factors.length > 0 && answersFor(me.factors) === 'totp' ? (
          <div data-passkey-only hidden>
            <TextField
              name="totp"
              label={text.account.existingCode}
              help={text.account.existingCodeHelp}
              filled={filled}
              most={6}
              class="code"
              autocomplete="one-time-code"
            />
          </div>
        ) : null}
        <div class="actions">
          <button type="submit" class="main" data-passkey-enrol hidden>
            {text.account.enrolPasskey}
          </button>
          <button type="submit">{text.account.enrol}</button>
        </div>
        <PasskeyNotes needsScript={text.account.noScript} cancelled={text.account.cancelled} />
      </PostForm>
      <div data-recovery-codes hidden>
        <h3>{text.account.recoveryCodes}</h3>
        <p>{text.account.recoveryCodesHelp}</p>
        <pre tabindex={0} />
        <p>
          <a class="button" href="/account">
            {text.account.kept}
          </a>
        </p>
      </div>
    </section>
  );
};

const SignIns = ({ shown }: { readonly shown: AccountShown }) => (
  <section class="card" aria-labelledby="sign-ins">
    <h2 id="sign-ins">{text.account.signIns}</h2>
    <ul class="rows">
      {shown.signIns.map((signIn) => (
        <li>
          <span>
            {text.account.ways[signIn.way]} · {signIn.issuer}
            {signIn.is_this ? <strong> · {text.account.thisOne}</strong> : null}
            {signIn.may === 'ask' ? ` · ${text.account.mayOnlyAsk}` : ''}
          </span>
          <span class="quiet">
            {signIn.address ?? ''} {text.facts.until}{' '}
            <Moment at={signIn.expires_at} nowMs={shown.frame.nowMs} />
          </span>
          {signIn.is_this ? null : (
            <PostForm frame={shown.frame} action={`/account/sign-ins/${signIn.sign_in}/end`}>
              <button type="submit" aria-label={`${text.account.endSignIn}: ${signIn.sign_in}`}>
                {text.account.endSignIn}
              </button>
            </PostForm>
          )}
        </li>
      ))}
    </ul>
  </section>
);

/** The secret as a picture and as text: shown once. */
export const ConfirmFactorPage = (shown: {
  readonly frame: Frame;
  readonly factor: string;
  readonly qr: readonly (readonly boolean[])[];
  readonly secret: string;
  /** What of theirs confirms it; null: the paper code that they began with. */
  readonly by: FactorKind | null;
}) => (
  <PageFrame
    frame={shown.frame}
    title={text.account.enrol}
    place="account"
    islands={shown.by === 'passkey' ? ['passkey'] : []}
  >
    <h1>{text.account.enrol}</h1>
    <section class="card">
      <p>{text.account.scan}</p>
      <QrCode rows={shown.qr} />
      <p>
        {text.account.orType}: <code>{shown.secret}</code>
      </p>
      <ConfirmForm frame={shown.frame} factor={shown.factor} by={shown.by} filled={nothingFilled} />
    </section>
  </PageFrame>
);

/** The code was wrong: the secret is not shown again, the authenticator has it. */
export const ConfirmAgainPage = (shown: {
  readonly frame: Frame;
  readonly factor: string;
  /** What of theirs confirms it; null: the paper code that they began with. */
  readonly by: FactorKind | null;
  readonly filled: Filled;
  readonly failed: string;
}) => (
  <PageFrame
    frame={shown.frame}
    title={text.account.enrol}
    place="account"
    islands={shown.by === 'passkey' ? ['passkey'] : []}
  >
    <h1>{text.account.enrol}</h1>
    <section class="card">
      <p class="warning" role="alert">
        {shown.failed}
      </p>
      <ConfirmForm {...shown} />
    </section>
  </PageFrame>
);

const ConfirmForm = (shown: {
  readonly frame: Frame;
  readonly factor: string;
  /** What of theirs confirms it; null: the paper code that they began with. */
  readonly by: FactorKind | null;
  readonly filled: Filled;
}) => (
  <PostForm frame={shown.frame} action={`/account/factors/${shown.factor}/confirmation`}>
    <CodeField name="code" label={text.account.confirmCode} filled={shown.filled} />
    <input type="hidden" name="by" value={shown.by ?? ''} />
    {shown.by === null ? null : (
      <FactorField by={shown.by} label={text.account.existingCode} filled={shown.filled} idPrefix="" />
    )}
    <SignButton by={shown.by ?? 'totp'} signs={actOf('enrol', shown.factor)} class="main">
      {text.account.confirm}
    </SignButton>
  </PostForm>
);

/** One path of squares; no style of its own, so that the page's rules stay as strict as they are. */
const QrCode = ({ rows }: { readonly rows: readonly (readonly boolean[])[] }) => (
  <svg class="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={text.account.scan}>
    <path
      d={rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')}
    />
  </svg>
);

export const RecoveryCodesPage = (shown: { readonly frame: Frame; readonly codes: readonly string[] }) => (
  <PageFrame frame={shown.frame} title={text.account.recoveryCodes} place="account">
    <h1>{text.account.recoveryCodes}</h1>
    <section class="card">
      <p>{text.account.recoveryCodesHelp}</p>
      <pre tabindex={0}>{shown.codes.join('\n')}</pre>
      <p>
        <a class="button main" href="/account">
          {text.account.kept}
        </a>
      </p>
    </section>
  </PageFrame>
);
