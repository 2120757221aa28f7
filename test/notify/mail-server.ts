import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire, headers and all. */
  readonly text: string;
}

/** A real SMTP server on loopback. */
export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  readonly logins: { readonly user: string; readonly password: string }[];
  /** Given: every recipient is refused with this status. */
  refuseWith: number | undefined;
  stop(): Promise<void>;
}

export async function startMailServer(
  more: { readonly login?: boolean; readonly host?: string } = {},
): Promise<MailServer> {
  const mails: Mail[] = [];
  const logins: { user: string; password: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', ...(more.login === true ? [] : ['AUTH'])],
    authOptional: more.login !== true,
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      logins.push({ user: username ?? '', password: password ?? '' });
      done(null, { user: username });
    },
    onRcptTo(_address, _session, done) {
      if (state.refuseWith === undefined) return done();
      done(Object.assign(new Error('quoting maya@secret.example'), { responseCode: state.refuseWith }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString('utf8'),
        });
        done();
      });
    },
  });
  // A client that goes away mid-way is a test's intention.
  server.on('error', () => undefined);
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, more.host ?? '127.0.0.1', () =>
      resolve((listening.address() as AddressInfo).port),
    );
  });
  const state: MailServer = {
    port,
    mails,
    logins,
    refuseWith: undefined,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return state;
}
