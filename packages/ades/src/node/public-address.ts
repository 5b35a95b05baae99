/**
 * Which network addresses are on the public internet: everything else belongs to somebody's own network, and an
 * address out of a certificate or document has no business there.
 *
 * The ranges are those that the IANA special-purpose registries call not globally reachable (RFC 6890), with multicast,
 * and every range of IPv6 that carries an IPv4 address inside, which may be an internal one.
 */
import { BlockList, isIP, isIPv4 } from 'node:net'

/** @param address  an IP address in text, as `node:dns` gives it */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false
  return isIPv4(address) ? !NOT_PUBLIC_IPV4.check(address, 'ipv4') : !NOT_PUBLIC_IPV6.check(address, 'ipv6')
}

const IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** Only 2000::/3 is unicast of the internet; within it these are not, or hold an IPv4 address. */
const IPV6: readonly (readonly [string, number])[] = [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

// Two lists, because one would take IPv4 for the IPv6 addresses that hold it.
const NOT_PUBLIC_IPV4 = new BlockList()
for (const [network, prefix] of IPV4) NOT_PUBLIC_IPV4.addSubnet(network, prefix, 'ipv4')
const NOT_PUBLIC_IPV6 = new BlockList()
for (const [network, prefix] of IPV6) NOT_PUBLIC_IPV6.addSubnet(network, prefix, 'ipv6')
