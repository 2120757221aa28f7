import { logText } from '../log-text.ts';

const { verify } = logText;

/** Filled and driven by a script; without one it says how to verify from a terminal. */
export const VerifyPanel = () => (
  <section class="card verify" aria-labelledby="verify-title" data-verify>
    <h2 id="verify-title">{verify.title}</h2>
    <p>{verify.lead}</p>
    <noscript>
      <p>{verify.needsScript}</p>
      <pre>{verify.command}</pre>
    </noscript>
    <div data-verify-live hidden>
      <p class="quiet" data-kept />
      <div class="buttons">
        <button type="button" class="main" data-start>
          {verify.button}
        </button>
        <button type="button" data-stop hidden>
          {verify.stop}
        </button>
        <button type="button" data-keep hidden>
          {verify.keep}
        </button>
        <button type="button" data-forget hidden>
          {verify.forget}
        </button>
      </div>
      <div data-progress hidden>
        <progress aria-labelledby="verify-said" max={1} value={0} />
      </div>
      <p class="quiet" data-count />
      <p id="verify-said" role="status" data-said />
      <dl class="verdicts" data-verdicts hidden />
      <details>
        <summary>{verify.own}</summary>
        <div class="field">
          <label for="held">{verify.checkpoint}</label>
          <textarea id="held" rows={5} maxlength={100_000} aria-describedby="held-help" data-held />
          <p class="help" id="held-help">
            {verify.checkpointHelp}
          </p>
        </div>
        <div class="field">
          <label for="policy">{verify.policy}</label>
          <textarea id="policy" rows={4} maxlength={100_000} aria-describedby="policy-help" data-policy />
          <p class="help" id="policy-help">
            {verify.policyHelp}
          </p>
        </div>
      </details>
    </div>
  </section>
);
