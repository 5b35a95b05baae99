/** What must hold of the clients in a roster, at founding and whenever they change. */
import { toBase64url } from '@natsuin/pki/encoding'
import type { ClientKey, KnownClient } from '@natsuin/protocol/genesis'
import { usableKind } from './key-kind.ts'
import { isProtected } from './local-address.ts'

/** Every problem, in a sentence that names the client. */
export function problemsOfClients(clients: readonly KnownClient[]): string[] {
  // One key in two names would let each of them speak for the other.
  const all = clients.flatMap(({ keys = [] }) => keys.map(({ publicKey }) => toBase64url(publicKey)))
  return [...clients.flatMap(problemsOf), ...(isRepeating(all) ? ['clients: a key twice'] : [])]
}

function problemsOf({ id, keys = [], origins = [] }: KnownClient): string[] {
  const problems = [
    ...(isRepeating(keys.map(({ kid }) => kid)) ? ['a kid twice'] : []),
    ...keys.filter(isUnusable).map(({ kid }) => `key ${kid} is ${UNUSABLE}`),
    ...origins.filter(isWrongOrigin).map(origin => `${origin} is ${WRONG_ORIGIN}`),
  ]
  return problems.map(problem => `client ${id}: ${problem}`)
}

const isRepeating = (values: readonly string[]) => new Set(values).size !== values.length

const UNUSABLE = 'neither P-256 (ES256) nor RSA of 2048 to 4096 bits (PS256) nor Ed25519 (EdDSA)'
const WRONG_ORIGIN = 'no origin in the spelling of browsers, with https except on localhost'

const isUnusable = ({ publicKey }: ClientKey) => usableKind(publicKey) === undefined

function isWrongOrigin(origin: string): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  return url === undefined || url.origin !== origin || !isProtected(url)
}
