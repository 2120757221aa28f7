import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

/** Which identity provider; a link each, for a form's answer may not lead to another site. */
export const SignInPage = (shown: {
  readonly frame: Frame;
  readonly issuers: readonly { readonly name: string; readonly href: string }[];
}) => (
  <PageFrame frame={shown.frame} title={text.signIn.title} islands={['passkey']}>
    <section class="card narrow">
      <h1>{text.brand}</h1>
      <p>{text.signIn.lead}</p>
      {shown.issuers.length > 1 ? <p>{text.signIn.choose}</p> : null}
      <ul class="plain">
        {shown.issuers.map(({ name, href }) => (
          <li>
            <a class="button main wide" href={href}>
              {text.signIn.with(name)}
            </a>
          </li>
        ))}
      </ul>
      <p class="quiet">
        {text.signIn.command} <code>countersign login</code> · <a href="/docs">{text.nav.docs}</a>
      </p>
      <details>
        <summary>{text.signIn.emergency}</summary>
        <p>{text.signIn.emergencyHelp}</p>
        <form class="emergency">
          <button type="submit" data-passkey-sign-in hidden>
            {text.signIn.emergencyButton}
          </button>
          <p class="quiet" data-needs-script>
            {text.signIn.needsScript}
          </p>
          <p
            class="notice"
            role="status"
            data-passkey-state
            data-working-text={text.review.working}
            data-cancelled-text={text.signIn.emergencyCancelled}
            hidden
          />
        </form>
      </details>
    </section>
  </PageFrame>
);
