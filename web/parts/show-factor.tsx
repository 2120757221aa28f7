import type { Child } from 'hono/jsx';
import type { FactorKind } from '../../src/domain/policy/policy.ts';
import { text } from '../text.ts';
import { CodeField, type Filled } from './forms.tsx';

/** What the piece in the browser says while a passkey signs, and what is said without one. */
export const PasskeyNotes = ({
  needsScript = text.review.passkeyNeedsScript,
  cancelled = text.review.cancelled,
}: {
  readonly needsScript?: string;
  readonly cancelled?: string;
}) => (
  <>
    <p class="warning" data-needs-script>
      {needsScript}
    </p>
    <p
      class="notice"
      role="status"
      data-passkey-state
      data-working-text={text.review.working}
      data-cancelled-text={cancelled}
      data-none-text={text.review.noPasskey}
      data-there-text={text.account.alreadyThere}
      data-unsure-text={text.problem.unsure}
      hidden
    />
    <label data-passkey-choice hidden>
      {text.review.whichPasskey}
      <select />
    </label>
  </>
);

/** Where a code is typed; a passkey signs when its button is pressed, and the form is sent with what it signed. */
export const FactorField = (shown: {
  readonly by: FactorKind;
  readonly label: string;
  readonly filled: Filled;
  readonly idPrefix: string;
}) =>
  shown.by === 'passkey' ? (
    <PasskeyNotes />
  ) : (
    <CodeField name="totp" label={shown.label} filled={shown.filled} idPrefix={shown.idPrefix} />
  );

/** Where the statement of a form is made, and of what. */
export interface Signable {
  readonly statements: string;
  readonly wanted?: { readonly purpose: string; readonly about: string };
}

/** Something about a person or a factor, which has no statement of its own. */
export const actOf = (purpose: string, about: string): Signable => {
  return { statements: '/v1/statements', wanted: { purpose, about } };
};

/** Sends its form: with the code in it, or once a passkey has signed. */
export const SignButton = (shown: {
  readonly by: FactorKind;
  readonly signs: Signable;
  readonly class?: string;
  readonly children: Child;
}) => {
  const { statements, wanted } = shown.signs;
  const signing =
    shown.by === 'totp'
      ? {}
      : {
          'data-passkey-form': statements,
          ...(wanted === undefined ? {} : { 'data-wanted': JSON.stringify(wanted) }),
          disabled: true,
        };
  return (
    <button type="submit" class={shown.class ?? ''} {...signing}>
      {shown.children}
    </button>
  );
};
