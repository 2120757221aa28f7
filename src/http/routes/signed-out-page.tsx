import { Page, pageText } from './page.tsx';

/** @param atProvider where the provider's own sign-in can be ended too; undefined: nothing is known of one */
export const signedOutPage = (atProvider: string | undefined, issuer: string): Promise<string> =>
  pageText(
    <Page title="Signed out · Countersign">
      <main>
        <h1>You are signed out</h1>
        <p>Whatever you have open in production goes on until its end. Command lines stay signed in.</p>
        {atProvider === undefined ? null : (
          <p>
            You may still be signed in at {issuer}: <a href={atProvider}>sign out there too</a>.
          </p>
        )}
        <p>
          <a href="/sign-in">Sign in again</a>
        </p>
      </main>
    </Page>,
  );
