import { createTransport } from 'nodemailer';
import type { Delivery, Message, Notifier } from '../app/notifier.ts';

const TIMEOUT_MS = 10_000;
const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'];

export interface EmailConfig {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise STARTTLS is demanded, but for a server on this very machine. */
  readonly tls: boolean;
  /** null: the server takes mail without. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** An address alone, without a name. */
  readonly from: string;
}

/**
 * News to a group's mail address: plain text, nothing to load, nothing to click but the broker's own address. A server
 * that was handed a message counts as having delivered it; what it does then, nobody here can see.
 */
export function emailNotifier(config: EmailConfig): Notifier {
  const transport = createTransport({
    host: config.host,
    port: config.port,
    secure: config.tls,
    requireTLS: !config.tls && !LOOPBACK_HOSTS.includes(config.host),
    tls: { minVersion: 'TLSv1.2' },
    ...(config.login === null ? {} : { auth: { user: config.login.user, pass: config.login.password } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    // A message is text that is here; nothing in it names a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    channel: 'email',
    async send(message, address, signal) {
      if (address === undefined || !isOneAddress(address))
        return { kind: 'failed', failure: 'there is no single address', again: false };
      try {
        await orGivenUp(transport.sendMail(mailOf(config, message, address)), signal);
        return { kind: 'delivered' };
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}

/** The library takes a list apart, and a name in front of an address. */
const isOneAddress = (address: string): boolean => /^[^\s,;:<>"()@]+@[^\s,;:<>"()@]+$/.test(address);

function mailOf({ from }: EmailConfig, message: Message, address: string) {
  return {
    from: { name: 'Countersign', address: from },
    to: { name: '', address },
    envelope: { from, to: [address] },
    subject: message.subject,
    text: message.text,
    date: new Date(message.atMs),
    messageId: `<${message.id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    // RFC 3834: no holiday answer comes back for it.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Countersign-Occasion': message.occasion },
  };
}

function orGivenUp(sending: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error('given up'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    sending.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** The server's own words stay out: they may quote an address, or a login. */
function failureOf(error: unknown): Delivery {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const status = typeof responseCode === 'number' ? ` ${responseCode}` : '';
  const what = typeof code === 'string' && /^E[A-Z]{2,20}$/.test(code) ? ` (${code}${status})` : '';
  // The address, or the message itself, was refused for good. A login may be mended within the hour.
  const isLasting = typeof responseCode === 'number' && responseCode >= 550 && code !== 'EAUTH';
  return { kind: 'failed', failure: `the mail server did not take it${what}`, again: !isLasting };
}
