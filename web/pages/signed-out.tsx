import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

/** @param shown.atProvider where the provider's own sign-in can be ended too; undefined: nothing is known of one */
export const SignedOutPage = (shown: {
  readonly frame: Frame;
  readonly atProvider: string | undefined;
  readonly issuer: string;
}) => (
  <PageFrame frame={shown.frame} title={text.signedOut.title}>
    <section class="card narrow">
      <h1>{text.signedOut.title}</h1>
      <p>{text.signedOut.goesOn}</p>
      {shown.atProvider === undefined ? null : (
        <p>
          {text.signedOut.stillAt(shown.issuer)} <a href={shown.atProvider}>{text.signedOut.thereToo}</a>
        </p>
      )}
      <p>
        <a href="/sign-in" class="button main">
          {text.signedOut.again}
        </a>
      </p>
    </section>
  </PageFrame>
);
