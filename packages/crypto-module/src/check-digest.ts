/**
 * What every module checks of a digest before a key comes near it.
 *
 * The algorithm must be one the key type signs with, and the digest of exactly that algorithm's length. For ECDSA
 * the digest, as an integer, must also not be zero modulo the order of the curve (RFC 6979, 2.4 derives that
 * integer): with e = 0 the verification equation loses the message, and anybody makes a valid signature from the
 * public key alone (R = aQ, r = x(R), s = r/a). No document has such a digest; only somebody who chose it does.
 *
 * Where the message is there too, both must be the same document: what was approved is the digest.
 */
import {
  digestAlgorithms,
  type KeyType,
  keyTypes,
  signatureAlgorithms,
  signsMessages,
} from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { curveOrders, integerOf } from './curve-order.ts'
import { type DigestToSign, ModuleRefusal } from './module.ts'

/**
 * @throws ModuleRefusal `algorithm-not-for-key`, `digest-length`, `digest-zero`, `message-missing`, `message-differs`
 */
export function checkDigest(type: KeyType, request: DigestToSign): void {
  const { algorithm, digest } = request
  if (!keyTypes[type].signs.includes(algorithm)) {
    throw new ModuleRefusal('algorithm-not-for-key', `a key of type ${type} does not sign with ${algorithm}`)
  }
  const { size } = digestAlgorithms[signatureAlgorithms[algorithm].digest]
  if (digest.length !== size) {
    throw new ModuleRefusal('digest-length', `${algorithm} signs ${size} bytes, not ${digest.length}`)
  }
  checkNotZero(type, digest)
  checkMessage(request)
}

function checkNotZero(type: KeyType, digest: Uint8Array): void {
  const { curve } = keyTypes[type]
  if (curve !== undefined && integerOf(digest) % curveOrders[curve] === 0n) {
    throw new ModuleRefusal('digest-zero', `the digest is zero modulo the order of ${curve}`)
  }
}

function checkMessage({ algorithm, digest, message }: DigestToSign): void {
  if (message === undefined) {
    if (!signsMessages(algorithm)) return
    throw new ModuleRefusal('message-missing', `${algorithm} signs the message, not its digest`)
  }
  if (!equal(digestSync(signatureAlgorithms[algorithm].digest, message), digest)) {
    throw new ModuleRefusal('message-differs', 'the digest is not that of the message')
  }
}
