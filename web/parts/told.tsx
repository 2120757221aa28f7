/** What came of the form that was just sent, before anything else on its page. */
export const Told = ({ failed, done }: { readonly failed: string | null; readonly done: string | null }) => (
  <>
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
  </>
);
