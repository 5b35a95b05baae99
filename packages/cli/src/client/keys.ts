/** Public keys of applications, from PEM files to the members that a registration has (RFC 7517; RFC 7518, 6). */
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { UsageError } from '../command.ts'

export interface RegisteredKey extends Readonly<Record<string, unknown>> {
  readonly kid: string
}

/** @param given `KID=PUBLIC.pem`, as `natsuin sam propose client-set --add-key` takes it @throws UsageError */
export function keyIn(given: string): RegisteredKey {
  const [, kid, file] = /^([A-Za-z0-9_-]{1,64})=(.+)$/.exec(given) ?? []
  if (kid === undefined || file === undefined) throw new UsageError(`${given}: expected KID=PUBLIC.pem`)
  try {
    return { ...createPublicKey(readFileSync(file, 'utf8')).export({ format: 'jwk' }), kid }
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}

export function keysOf(registration: Readonly<Record<string, unknown>>): readonly RegisteredKey[] {
  const { jwks } = registration as { readonly jwks?: { readonly keys: readonly RegisteredKey[] } } // by the server's form
  return jwks?.keys ?? []
}

/** Nothing where there are none: an empty set is no registration. */
export function jwksOf(keys: readonly RegisteredKey[]): object {
  return keys.length === 0 ? {} : { jwks: { keys } }
}
