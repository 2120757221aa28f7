import type { GrantView } from '../../src/app/views/grant-view.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';
import type { FactorKind } from '../../src/domain/policy/policy.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { PostForm } from '../parts/forms.tsx';
import { Moment, Until } from '../parts/moment.tsx';
import { Prose } from '../parts/prose.tsx';
import { actOf, FactorField, SignButton } from '../parts/show-factor.tsx';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';
import { NoAccess } from './home.tsx';

export interface GrantToUse {
  readonly grant: GrantView;
  readonly provider: 'token' | 'aws';
  /** What the policy wants shown for opening. */
  readonly factor: FactorKind | 'none';
  /** The number of this page's form; null: this broker opens no sessions in browsers. */
  readonly once: string | null;
}

/** Why a session was not opened, or what it was opened for is not shown. */
export interface OpeningFailed {
  readonly grant: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly mend: string | undefined;
  readonly entry: number | undefined;
}

/** What is held now, until when, how to use it, and above all how to give it back. */
export const ActiveAccessPage = (shown: {
  readonly frame: Frame;
  readonly grants: readonly GrantToUse[];
  /** What just ended, in words. */
  readonly ended: string | null;
  readonly failed: OpeningFailed | null;
}) => (
  <PageFrame
    frame={shown.frame}
    title={text.activeAccess.title}
    place="access"
    islands={['passkey']}
    // Fetched again, what a form answered would be sent again.
    refreshes={shown.failed === null}
  >
    <h1>{text.activeAccess.title}</h1>
    {shown.ended === null ? null : (
      <p class="notice" role="status">
        <span aria-hidden="true">✓</span> {text.activeAccess.ended(shown.ended)}
      </p>
    )}
    {shown.failed === null || shown.grants.some(({ grant }) => grant.grant === shown.failed?.grant) ? null : (
      <NotOpened failed={shown.failed} />
    )}
    {shown.grants.length === 0 ? (
      <section class="card">
        <NoAccess />
      </section>
    ) : (
      shown.grants.map((held) => <Held frame={shown.frame} held={held} failed={shown.failed} />)
    )}
  </PageFrame>
);

const Held = ({
  frame,
  held,
  failed,
}: {
  readonly frame: Frame;
  readonly held: GrantToUse;
  readonly failed: OpeningFailed | null;
}) => {
  const { grant, provider } = held;
  return (
    <article class="card held" id={grant.grant} aria-labelledby={`${grant.grant}-title`}>
      <header>
        <div>
          <p class="kicker">
            <StatusBadge status={grant.status} /> <code>{grant.grant}</code>
          </p>
          <h2 id={`${grant.grant}-title`}>
            {grant.entitlement} · {grant.target}
          </h2>
        </div>
        <Countdown frame={frame} grant={grant} />
      </header>
      <PostForm frame={frame} action={`/access/${grant.grant}/end`}>
        <button
          class="main"
          type="submit"
          aria-label={text.activeAccess.endTitle(grant.entitlement, grant.target)}
        >
          {text.activeAccess.end}
        </button>{' '}
        <a class="button" href={`/requests/${grant.request}`}>
          {text.request.timeline}
        </a>
      </PostForm>
      <Ways grant={grant} provider={provider} />
      <OpenHere frame={frame} held={held} failed={failed?.grant === grant.grant ? failed : null} />
      <Sessions frame={frame} grant={grant} />
    </article>
  );
};

const Countdown = ({ frame, grant }: { readonly frame: Frame; readonly grant: GrantView }) => {
  if (grant.ends_at !== null) {
    return (
      <p class="countdown">
        <Until at={grant.ends_at} nowMs={frame.nowMs} />
        <span class="quiet">
          {text.facts.until} <Moment at={grant.ends_at} nowMs={frame.nowMs} />
        </span>
      </p>
    );
  }
  return (
    <p class="countdown">
      {grant.status === 'scheduled' && grant.starts_at !== null ? (
        <span>
          {text.activeAccess.begins} <Moment at={grant.starts_at} nowMs={frame.nowMs} />
        </span>
      ) : (
        <span>{text.activeAccess.notBegun}</span>
      )}
      <span class="quiet">
        {text.facts.useBy} <Moment at={grant.activate_by} nowMs={frame.nowMs} />
      </span>
    </p>
  );
};

interface Way {
  readonly name: keyof typeof text.activeAccess.tabs;
  readonly help: string;
  /** null: there is none. */
  readonly command: string | null;
}

/** Each a `details` of one name: the browser opens one at a time, with or without a script. */
const Ways = ({ grant, provider }: { readonly grant: GrantView; readonly provider: 'token' | 'aws' }) => (
  <div class="ways">
    {waysOf(grant, provider).map(({ name, help, command }, at) => (
      <details name={`${grant.grant}-ways`} {...(at === 0 ? { open: true } : {})}>
        <summary>{text.activeAccess.tabs[name]}</summary>
        <p class="quiet">{help}</p>
        {command === null ? null : <Copyable way={text.activeAccess.tabs[name]} command={command} />}
      </details>
    ))}
  </div>
);

/** Which factor a failed opening wants to see; the first try goes without one, because what was asked with may serve. */
const wantedFactor = (held: GrantToUse, failed: OpeningFailed | null): FactorKind | null =>
  failed !== null && held.factor !== 'none' && FACTOR_FAILURES.has(failed.code) ? held.factor : null;

const FACTOR_FAILURES: ReadonlySet<string> = new Set([
  'step-up-needed',
  'factor-wrong',
  'factor-throttled',
  'factor-missing',
]);

/** For whoever has a browser and nothing else; the command line is named before it. */
const OpenHere = (shown: {
  readonly frame: Frame;
  readonly held: GrantToUse;
  readonly failed: OpeningFailed | null;
}) => {
  const { frame, held, failed } = shown;
  const { grant, once } = held;
  if (once === null || grant.status === 'scheduled') return null;
  const factor = wantedFactor(held, failed);
  const said = failed === null ? '' : [failed.message, failed.mend].filter(Boolean).join(' ');
  const atField = factor === 'totp' && failed?.code !== 'step-up-needed';
  return (
    <div>
      <h3>{text.activeAccess.open}</h3>
      <p class="quiet">{text.activeAccess.openHelp}</p>
      {failed === null || atField ? null : <NotOpened failed={failed} />}
      <PostForm frame={frame} action={`/access/${grant.grant}/sessions`}>
        <input type="hidden" name="once" value={once} />
        {factor === null ? null : (
          <FactorField
            by={factor}
            label={text.ask.code}
            filled={{ values: {}, mistakes: atField ? { totp: said } : {} }}
            idPrefix={`${grant.grant}-`}
          />
        )}
        <SignButton by={factor ?? 'totp'} signs={actOf('open', grant.grant)}>
          {text.activeAccess.openHere}
        </SignButton>
      </PostForm>
    </div>
  );
};

const NotOpened = ({ failed }: { readonly failed: OpeningFailed }) => (
  <p class="warning" role="alert">
    <Prose text={[failed.message, failed.mend].filter(Boolean).join(' ')} />
    {failed.entry === undefined ? null : ` ${text.problem.entry(failed.entry)}`}
  </p>
);

/** The button takes what stands beside it: a secret is in no attribute. */
export const Copyable = ({ way, command }: { readonly way: string; readonly command: string }) => (
  <div class="copyable">
    <pre tabindex={0}>
      <code>{command}</code>
    </pre>
    <button
      type="button"
      hidden
      data-copy
      data-copied-text={text.activeAccess.copied}
      aria-label={`${text.activeAccess.copy}: ${way}`}
    >
      {text.activeAccess.copy}
    </button>
  </div>
);

function waysOf({ entitlement, target }: GrantView, provider: 'token' | 'aws'): readonly Way[] {
  const exec: Way = {
    name: 'exec',
    help: text.activeAccess.execHelp,
    command: `countersign exec ${entitlement} --target ${target} -- COMMAND`,
  };
  const environment: Way = {
    name: 'environment',
    help: text.activeAccess.environmentHelp,
    command: `eval "$(countersign env ${entitlement} --target ${target})"`,
  };
  if (provider === 'token')
    return [exec, environment, { name: 'console', help: text.activeAccess.noConsole, command: null }];
  return [
    exec,
    {
      name: 'profile',
      help: text.activeAccess.profileHelp,
      command: `[profile ${entitlement}]\ncredential_process = countersign creds ${entitlement} --target ${target}`,
    },
    environment,
    {
      name: 'console',
      help: text.activeAccess.consoleHelp,
      command: `countersign console ${entitlement} --target ${target}`,
    },
  ];
}

const Sessions = ({ frame, grant }: { readonly frame: Frame; readonly grant: GrantView }) =>
  grant.sessions.length === 0 ? null : (
    <>
      <h3>{text.activeAccess.sessions}</h3>
      <ul class="rows">
        {grant.sessions.map(({ session, phase, opened_at, ends_at }) => (
          <li>
            <span>
              <code>{session}</code> {text.activeAccess.session[phase]}
            </span>
            <span class="quiet">
              <Moment at={opened_at} nowMs={frame.nowMs} /> {text.facts.until}{' '}
              <Moment at={ends_at} nowMs={frame.nowMs} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
