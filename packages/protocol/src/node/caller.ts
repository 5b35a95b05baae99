/** Who calls, as far as an address says it: whom a limit counts. */
import type { IncomingMessage } from 'node:http'

/**
 * @param proxies the addresses that alone may connect, if there are such: then the last of the addresses they name that
 *   is not one of them (RFC 7239, 5.2, of the older header X-Forwarded-For), since what stands before it anybody wrote
 */
export function callerOf(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  proxies: readonly string[] | undefined,
): string {
  const peer = socket.remoteAddress ?? ''
  if (proxies === undefined) return callerAt(peer)
  const named = String(headers['x-forwarded-for'] ?? '').split(',')
  const known = new Set(proxies.map(callerAt))
  const outside = named.map(one => callerAt(one.trim())).findLast(one => one !== '' && !known.has(one))
  return outside ?? callerAt(peer)
}

/**
 * Who an address is: an IPv4 address, or the network of an IPv6 address, because whoever has one of the latter has
 * 2^64 (RFC 6177, 2).
 */
export function callerAt(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('%', 1)[0]?.split('::') ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
