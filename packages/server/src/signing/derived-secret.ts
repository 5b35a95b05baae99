/** Secrets that belong to something that is known by its id: made again when they are needed, and stored nowhere. */
import { createHmac } from 'node:crypto'

/** 256 bits, base64url. @param key 32 bytes @param purpose so that no two of them are the same */
export function derivedSecret(key: Uint8Array, purpose: string, id: string): string {
  return createHmac('sha256', key).update(`${purpose} ${id}`).digest('base64url')
}
