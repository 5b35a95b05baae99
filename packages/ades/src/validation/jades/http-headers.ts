/** The headers of an HTTP message that a signature is over: TS 119 182-1 V1.2.1, 5.2.8.2. */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { concat, equal, fromBase64, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { HttpMessage } from '../../jades/content.ts'
import { ValidationEnded } from '../verdict.ts'
import { malformed } from './json.ts'
import { found, type SignedContent } from './signed-thing.ts'

/** 5.2.8.2. A name in upper case would be another header to some and the same to others. */
export async function httpHeaders(
  names: readonly string[],
  message: HttpMessage,
  platform: Digest,
): Promise<SignedContent> {
  if (names.some(name => name !== name.toLowerCase())) throw malformed('pars: upper case')
  const lines = names.map(name => utf8(lineOf(name, message)))
  if (names.includes('digest')) await checkBody(message, platform)
  const stamped = names.map((name, i) =>
    name === 'digest' ? (message.body ?? new Uint8Array()) : (lines[i] ?? new Uint8Array()),
  )
  return {
    thing: { kind: 'http-headers', names },
    signed: inLines(lines),
    async *stamped() {
      yield inLines(stamped)
    },
  }
}

/** A line break in a value would make another header of what follows: the same lines for two messages. */
function lineOf(name: string, message: HttpMessage): string {
  const value = headerValue(name, message)
  if (/[\r\n]/.test(value)) throw malformed(`${name}: a line break`)
  return `${name}: ${value}`
}

function headerValue(name: string, { request, headers }: HttpMessage): string {
  if (name === '(request-target)') {
    const { method, path } = found(request, name)
    return `${method.toLowerCase()} ${path}`
  }
  const values = headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value.trim())
  return found(values.length === 0 ? undefined : values.join(', '), name)
}

const BODY_DIGESTS: readonly (readonly [prefix: string, algorithm: DigestAlgorithm])[] = [
  ['sha-256=', 'sha256'],
  ['sha-512=', 'sha512'],
]

/** RFC 3230, 4.3.2 and RFC 5843, 2: the signature covers the body only if the signed digest is the body's. */
async function checkBody(message: HttpMessage, platform: Digest): Promise<void> {
  const body = found(message.body, 'the body of the message')
  const instances = headerValue('digest', message)
    .split(',')
    .map(one => one.trim())
  for (const [prefix, algorithm] of BODY_DIGESTS)
    for (const instance of instances.filter(one => one.toLowerCase().startsWith(prefix))) {
      const digest = fromBase64(instance.slice(prefix.length)) ?? new Uint8Array()
      if (equal(await platform.digest(algorithm, body), digest)) return
      throw new ValidationEnded('HASH_FAILURE', 'the body is another one')
    }
  throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', 'digest of the body')
}

function inLines(parts: readonly Uint8Array[]): Uint8Array {
  return concat(...parts.flatMap((part, i) => (i === 0 ? [part] : [utf8('\n'), part])))
}
