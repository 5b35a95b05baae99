/** What must hold of the clients in a roster, at founding and whenever they change. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { toBase64url } from '@natsuin/pki/encoding'
import type { ClientKey, KnownClient } from '@natsuin/protocol/genesis'

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

/** RSA exponents as for certificates: odd and at least 65537, so that no key is one that is broken by design. */
const KINDS: Readonly<Record<string, (details: KeyObject['asymmetricKeyDetails']) => boolean>> = {
  ec: details => details?.namedCurve === 'prime256v1',
  ed25519: () => true,
  rsa: details => {
    const { modulusLength = 0, publicExponent = 0n } = details ?? {}
    return (
      modulusLength >= 2048 && modulusLength <= 4096 && publicExponent >= 65537n && publicExponent % 2n === 1n
    )
  },
}

function isUnusable({ publicKey }: ClientKey): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
    const fits = KINDS[key.asymmetricKeyType ?? '']
    return fits === undefined || !fits(key.asymmetricKeyDetails)
  } catch {
    return true
  }
}

function isWrongOrigin(origin: string): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url === undefined || url.origin !== origin) return true
  const isLocal = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  return url.protocol !== 'https:' && !isLocal
}
