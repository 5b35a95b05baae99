/**
 * The headers of an HTTP message as they are signed: TS 119 182-1 V1.2.1, 5.2.8.2.
 *
 * A line `name: value` for each name, lower-case and in the order of the signature; several headers of one name are
 * joined in the order of the message.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { concat, equal, fromBase64, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { AdesRefusal } from '../refusal.ts'
import type { HttpMessage } from './content.ts'

const REQUEST_TARGET = '(request-target)'
const DIGEST = 'digest'
const NEWLINE = utf8('\n')

/** @throws AdesRefusal `content-missing` for a header that the message does not have, `content-ambiguous` */
export function signedHeaders(names: readonly string[], message: HttpMessage): Uint8Array {
  return utf8(names.map(name => lineOf(name.toLowerCase(), message)).join('\n'))
}

/**
 * What an archive time-stamp is over (5.3.6.2.3): the body itself where the signature has its digest.
 *
 * @throws AdesRefusal `content-missing`
 */
export function stampedHeaders(names: readonly string[], message: HttpMessage): Uint8Array {
  const parts = names.map(name => (name === DIGEST ? bodyOf(message) : utf8(lineOf(name, message))))
  return concat(...parts.flatMap((part, i) => (i === 0 ? [part] : [NEWLINE, part])))
}

/**
 * A signed digest of a body that is another one would have the signature cover nothing (RFC 3230, 4.3.2).
 *
 * @throws AdesRefusal `content-altered`
 */
export async function checkBodyDigest(
  names: readonly string[],
  message: HttpMessage,
  platform: Digest,
): Promise<void> {
  if (!names.includes(DIGEST)) return
  const body = bodyOf(message)
  for (const instance of valuesOf(DIGEST, message).flatMap(value => value.split(','))) {
    const [, name = '', digest = ''] = /^\s*([^=\s]+)=(\S+)\s*$/.exec(instance) ?? []
    const algorithm = INSTANCE_DIGESTS.get(name.toLowerCase())
    if (algorithm === undefined) continue
    if (equal(await platform.digest(algorithm, body), fromBase64(digest) ?? new Uint8Array())) return
  }
  throw new AdesRefusal('content-altered', 'the header Digest is not of the body')
}

/** RFC 5843, 2. */
const INSTANCE_DIGESTS: ReadonlyMap<string, DigestAlgorithm> = new Map<string, DigestAlgorithm>([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
])

/** A line break in a value would be taken for the end of a header, and what follows for the next one. */
function lineOf(name: string, message: HttpMessage): string {
  const value = name === REQUEST_TARGET ? targetOf(message) : valuesOf(name, message).join(', ')
  if (/[\r\n]/.test(value)) throw new AdesRefusal('content-ambiguous', name)
  return `${name}: ${value}`
}

function targetOf({ request }: HttpMessage): string {
  if (request === undefined) throw new AdesRefusal('content-missing', REQUEST_TARGET)
  return `${request.method.toLowerCase()} ${request.path}`
}

function valuesOf(name: string, { headers }: HttpMessage): readonly string[] {
  const values = headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value.trim())
  if (values.length === 0) throw new AdesRefusal('content-missing', name)
  return values
}

function bodyOf({ body }: HttpMessage): Uint8Array {
  if (body === undefined) throw new AdesRefusal('content-missing', 'the body of the message')
  return body
}
