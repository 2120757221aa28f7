import type { GrantView } from '../../src/app/views/grant-view.ts';
import { StatusBadge } from '../parts/badge.tsx';
import { PostForm } from '../parts/forms.tsx';
import { Moment, Until } from '../parts/moment.tsx';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';
import { NoAccess } from './home.tsx';

export interface GrantToUse {
  readonly grant: GrantView;
  readonly provider: 'token' | 'aws';
}

/** What is held now, until when, how to use it, and above all how to give it back. */
export const ActiveAccessPage = (shown: {
  readonly frame: Frame;
  readonly grants: readonly GrantToUse[];
  /** What just ended, in words. */
  readonly ended: string | null;
}) => (
  <PageFrame frame={shown.frame} title={text.activeAccess.title} place="access">
    <h1>{text.activeAccess.title}</h1>
    {shown.ended === null ? null : (
      <p class="notice" role="status">
        <span aria-hidden="true">✓</span> {text.activeAccess.ended(shown.ended)}
      </p>
    )}
    {shown.grants.length === 0 ? (
      <section class="card">
        <NoAccess />
      </section>
    ) : (
      shown.grants.map((held) => <Held frame={shown.frame} held={held} />)
    )}
  </PageFrame>
);

const Held = ({ frame, held }: { readonly frame: Frame; readonly held: GrantToUse }) => {
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
        {command === null ? null : <Command way={text.activeAccess.tabs[name]} command={command} />}
      </details>
    ))}
  </div>
);

const Command = ({ way, command }: { readonly way: string; readonly command: string }) => (
  <div class="copyable">
    <pre tabindex={0}>
      <code>{command}</code>
    </pre>
    <button
      type="button"
      hidden
      data-copy={command}
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
