import { BlockList, isIP } from 'node:net';
import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from '../parts.ts';

const MOST_HEADER_CHARACTERS = 1_000;

/**
 * Tells who calls by address. `X-Forwarded-For` is read from its right end, where our own proxies wrote, and only as
 * far as each hop is one of `trustedProxies`; anybody may have written what stands left of that.
 */
export function forwardedAddress(trustedProxies: readonly string[]) {
  const trusted = blockListOf(trustedProxies);
  return createMiddleware<HttpEnv>(async (c, next) => {
    const socket = plainAddress(c.env?.incoming?.socket?.remoteAddress ?? '');
    c.set('address', socket === null ? null : callerBehind(socket, c.req.header('x-forwarded-for'), trusted));
    await next();
  });
}

function callerBehind(socket: string, header: string | undefined, trusted: BlockList): string {
  let caller = socket;
  if (header === undefined || header.length > MOST_HEADER_CHARACTERS) return caller;
  for (const hop of header.split(',').reverse()) {
    if (!isTrusted(trusted, caller)) return caller;
    const address = plainAddress(hop.trim());
    if (address === null) return caller;
    caller = address;
  }
  return caller;
}

/** An IPv4 address that came over an IPv6 socket is the IPv4 address. null: no address at all. */
function plainAddress(text: string): string | null {
  const address = text.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? null : address;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const isTrusted = (trusted: BlockList, address: string): boolean => trusted.check(address, familyOf(address));

/** @throws TypeError for a line that is no address and no network */
function blockListOf(proxies: readonly string[]): BlockList {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/');
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
}
