import type { Credentials } from '../../src/app/ports.ts';
import { PostForm } from '../parts/forms.tsx';
import { Moment, Until } from '../parts/moment.tsx';
import { sayEntry, sayList } from '../said.ts';
import { text } from '../text.ts';
import { Copyable } from './active-access.tsx';
import { type Frame, PageFrame } from './frame.tsx';

/** A session's credentials, this once: each way of using them behind a `details`, and emptied when the page is left. */
export const OpenedSessionPage = (shown: {
  readonly frame: Frame;
  readonly session: string;
  readonly grant: string;
  readonly entitlement: string;
  readonly target: string;
  readonly expiresAt: string;
  readonly credentials: Credentials;
  readonly entries: readonly number[];
}) => {
  const { frame, entitlement, target, expiresAt } = shown;
  return (
    <PageFrame frame={frame} title={text.openedSession.title} place="access" refreshes={false}>
      <h1>{text.openedSession.title}</h1>
      <article class="card held" aria-labelledby="opened">
        <header>
          <div>
            <p class="kicker">
              <code>{shown.session}</code> · {sayList(shown.entries.map(sayEntry))}
            </p>
            <h2 id="opened">
              {entitlement} · {target}
            </h2>
          </div>
          <p class="countdown">
            <Until at={expiresAt} nowMs={frame.nowMs} />
            <span class="quiet">
              {text.facts.until} <Moment at={expiresAt} nowMs={frame.nowMs} />
            </span>
          </p>
        </header>
        <p class="warning">{text.openedSession.once}</p>
        <div class="ways" data-once="/access" translate="no">
          {waysOf(entitlement, shown.credentials).map(({ name, lines }) => (
            <details>
              <summary>{text.openedSession.ways[name]}</summary>
              <Copyable way={text.openedSession.ways[name]} command={lines} />
            </details>
          ))}
        </div>
        <PostForm frame={frame} action={`/access/${shown.grant}/end`}>
          <div class="actions">
            <button class="main" type="submit" aria-label={text.activeAccess.endTitle(entitlement, target)}>
              {text.activeAccess.end}
            </button>
            <a class="button" href="/access">
              {text.openedSession.done}
            </a>
          </div>
        </PostForm>
      </article>
    </PageFrame>
  );
};

interface Way {
  readonly name: keyof typeof text.openedSession.ways;
  readonly lines: string;
}

function waysOf(entitlement: string, credentials: Credentials): readonly Way[] {
  if (credentials.kind === 'token') {
    return [
      { name: 'token', lines: credentials.token },
      {
        name: 'environment',
        lines: exportsOf({
          COUNTERSIGN_TOKEN: credentials.token,
          COUNTERSIGN_AUDIENCE: credentials.audience,
        }),
      },
    ];
  }
  const { access_key_id, secret_access_key, session_token, region } = credentials;
  const keys = { aws_access_key_id: access_key_id, aws_secret_access_key: secret_access_key };
  const profile = { ...keys, aws_session_token: session_token, ...(region === null ? {} : { region }) };
  return [
    {
      name: 'environment',
      lines: exportsOf({
        AWS_ACCESS_KEY_ID: access_key_id,
        AWS_SECRET_ACCESS_KEY: secret_access_key,
        AWS_SESSION_TOKEN: session_token,
        ...(region === null ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
      }),
    },
    {
      name: 'profile',
      lines: [`[${entitlement}]`, ...Object.entries(profile).map(([key, value]) => `${key} = ${value}`)].join(
        '\n',
      ),
    },
  ];
}

const exportsOf = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`)
    .join('\n');
