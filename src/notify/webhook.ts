import { Webhook } from 'standardwebhooks';
import type { Delivery, Message, Notifier } from '../app/notifier.ts';
import type { Clock } from '../app/ports.ts';

const TIMEOUT_MS = 10_000;
/** What will not be different the next time; everything else may be a bad moment. */
const LASTING = [400, 401, 403, 404, 405, 410, 413, 415, 422];

export interface WebhookConfig {
  /** https, or http on this very machine, as the operator wrote it: no other address is ever called. */
  readonly url: string;
  /** `whsec_` and base64, newest first. Each signs, so that receivers may change over in their own time. */
  readonly secrets: readonly string[];
}

/**
 * News to a program of the operator's, after Standard Webhooks (https://www.standardwebhooks.com): one id over all
 * attempts, a timestamp for each, and an HMAC-SHA-256 of both and the body by every secret.
 */
export function webhookNotifier({ url, secrets }: WebhookConfig, clock: Pick<Clock, 'nowMs'>): Notifier {
  const signers = secrets.map((secret) => new Webhook(secret));
  if (signers.length === 0) throw new RangeError('a webhook without a secret could be anybody’s');
  return {
    channel: 'webhook',
    async send(message, _address, signal) {
      const body = bodyOf(message);
      const at = new Date(clock.nowMs());
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'countersign',
        'webhook-id': message.id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': signers.map((signer) => signer.sign(message.id, at, body)).join(' '),
      };
      return post(url, { headers, body, signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    },
  };
}

function bodyOf({ occasion, atMs, audience, group, person, facts }: Message): string {
  return JSON.stringify({
    type: `countersign.${occasion}`,
    timestamp: new Date(atMs).toISOString(),
    data: { audience, group, person, ...facts },
  });
}

async function post(
  url: string,
  call: { readonly headers: Record<string, string>; readonly body: string; readonly signal: AbortSignal },
): Promise<Delivery> {
  try {
    // A redirect could lead to an address that only we can reach.
    const response = await fetch(url, { ...call, method: 'POST', redirect: 'manual' });
    // What it says is nobody's concern, and may be without end.
    await response.body?.cancel();
    return outcomeOf(response.status);
  } catch {
    // The error may quote the address, and with it what an operator took for a secret path.
    return failed('it did not answer', true);
  }
}

function outcomeOf(status: number): Delivery {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status >= 300 && status < 400)
    return failed(`it answered ${status}; redirects are not followed`, false);
  return failed(`it answered ${status}`, !LASTING.includes(status));
}

const failed = (failure: string, again: boolean): Delivery => ({ kind: 'failed', failure, again });
