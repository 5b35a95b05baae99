/** Secrets of clients: the present one and, while it is being replaced, the previous one (RFC 6749, 2.3.1). */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { ClientConfiguration } from '../config/clients.ts'

/** Takes as long whichever it is, and whether it is one. */
export function isSecretOf({ authentication }: ClientConfiguration, given: string): boolean {
  if (authentication.kind !== 'secret') return false
  const { secret, previous = secret } = authentication
  const matches = [secret, previous].map(known => timingSafeEqual(digestOf(known), digestOf(given)))
  return matches.includes(true)
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
