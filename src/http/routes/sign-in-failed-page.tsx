import { type Failure, sentence } from '../../domain/errors.ts';
import { Page, pageText } from './page.tsx';

/** What went wrong, and what to do; for the browser that somebody signs in with. */
export const signInFailedPage = (failure: Failure): Promise<string> =>
  pageText(
    <Page title="Not signed in · Countersign">
      <main>
        <h1>You are not signed in</h1>
        <p>{sentence(failure.message)}</p>
        <p>
          Nothing was changed. Begin again <a href="/sign-in">in this browser</a>, or in a terminal with{' '}
          <code>countersign login</code>.
        </p>
      </main>
    </Page>,
  );
