/** Addresses without TLS exist on this machine alone. */
export function isProtected({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost')
}
