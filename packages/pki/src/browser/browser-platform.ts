/**
 * The platform over WebCrypto, for pages and workers (and Node, where tests run it beside `node:crypto`).
 *
 * WebCrypto wants ECDSA signatures as r and s of fixed length (IEEE P1363) where X.509 and CMS carry DER, and it has no
 * streaming digest and no SHA-3: the first is `../ecdsa/`, the others come from `@noble/hashes`.
 */
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js'
import {
  type DigestAlgorithm,
  digestAlgorithms,
  keyTypes,
  type SignatureAlgorithm,
  type SignatureFamily,
  signatureAlgorithms,
} from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import { parseEcdsaSigValue } from '../ecdsa/sig-value.ts'
import {
  type Platform,
  PlatformLacksAlgorithm,
  type StreamingDigest,
  type VerificationQuestion,
} from '../platform/index.ts'
import { type PublicKey, readPublicKey } from '../x509/public-key.ts'

export const browserPlatform: Platform = {
  async digest(algorithm, bytes) {
    const { webCrypto, streaming } = digestOf(algorithm)
    if (webCrypto === undefined) return new Uint8Array(streaming(bytes))
    return new Uint8Array(await crypto.subtle.digest(webCrypto, owned(bytes)))
  },

  stream(algorithm): StreamingDigest {
    const state = digestOf(algorithm).streaming.create()
    return {
      update: bytes => void state.update(bytes),
      finish: () => new Uint8Array(state.digest()),
    }
  },

  async verify(question) {
    if (!Object.hasOwn(signatureAlgorithms, question.algorithm))
      throw new PlatformLacksAlgorithm(question.algorithm)
    const key = keyOf(question.spki)
    return key === undefined
      ? false
      : VERIFIERS[signatureAlgorithms[question.algorithm].family](question, key)
  },
}

const DIGESTS = {
  sha256: { webCrypto: 'SHA-256', streaming: sha256 },
  sha384: { webCrypto: 'SHA-384', streaming: sha384 },
  sha512: { webCrypto: 'SHA-512', streaming: sha512 },
  'sha3-256': { webCrypto: undefined, streaming: sha3_256 },
  'sha3-384': { webCrypto: undefined, streaming: sha3_384 },
  'sha3-512': { webCrypto: undefined, streaming: sha3_512 },
} as const satisfies Record<DigestAlgorithm, unknown>

/** Names arrive typed, but also from tables of other packages. */
function digestOf(algorithm: DigestAlgorithm) {
  if (!Object.hasOwn(DIGESTS, algorithm)) throw new PlatformLacksAlgorithm(algorithm)
  return DIGESTS[algorithm]
}

/** WebCrypto hashes and verifies in one, and knows no SHA-3. @throws PlatformLacksAlgorithm */
function hashOf(algorithm: SignatureAlgorithm): string {
  const { webCrypto } = digestOf(signatureAlgorithms[algorithm].digest)
  if (webCrypto === undefined) throw new PlatformLacksAlgorithm(algorithm)
  return webCrypto
}

type FamilyVerifier = (question: VerificationQuestion, key: PublicKey) => Promise<boolean>

const VERIFIERS: Readonly<Record<SignatureFamily, FamilyVerifier>> = {
  async 'rsa-pkcs1'(question, key) {
    if (key.kind !== 'rsa') return false
    const hash = hashOf(question.algorithm)
    const name = 'RSASSA-PKCS1-v1_5'
    const imported = await importKey(question.spki, { name, hash })
    return imported !== undefined && check(name, imported, question.signature, question.data)
  },

  async 'rsa-pss'(question, key) {
    if (key.kind !== 'rsa') return false
    const { digest } = signatureAlgorithms[question.algorithm]
    const hash = hashOf(question.algorithm)
    const imported = await importKey(question.spki, { name: 'RSA-PSS', hash })
    const saltLength = digestAlgorithms[digest].size
    const named = { name: 'RSA-PSS', saltLength }
    return imported !== undefined && check(named, imported, question.signature, question.data)
  },

  async ed25519(question, key) {
    if (key.kind !== 'ed25519') return false
    const imported = await importKey(question.spki, { name: 'Ed25519' })
    return imported !== undefined && check('Ed25519', imported, question.signature, question.data)
  },

  async ecdsa(question, key) {
    if (key.kind !== 'ec') return false
    const hash = hashOf(question.algorithm)
    const imported = await importKey(question.spki, { name: 'ECDSA', namedCurve: key.curve })
    const signature = parseEcdsaSigValue(question.signature, Math.ceil(keyTypes[key.keyType].bits / 8))
    if (imported === undefined || signature === undefined) return false
    return check({ name: 'ECDSA', hash }, imported, signature, question.data)
  },
}

function check(
  algorithm: AlgorithmIdentifier | EcdsaParams | RsaPssParams,
  key: CryptoKey,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  return crypto.subtle.verify(algorithm, key, owned(signature), owned(data))
}

function keyOf(spki: Uint8Array): PublicKey | undefined {
  try {
    return readPublicKey(spki)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

/**
 * `undefined` for a key that WebCrypto refuses: a point off the curve, a modulus it does not take.
 * @throws PlatformLacksAlgorithm where Ed25519 is not known yet
 */
async function importKey(
  spki: Uint8Array,
  algorithm: Algorithm | RsaHashedImportParams | EcKeyImportParams,
): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey('spki', owned(spki), algorithm, false, ['verify'])
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError')
      throw new PlatformLacksAlgorithm(algorithm.name)
    return undefined
  }
}

/** WebCrypto takes no view on shared memory; a copy also keeps the bytes still while it works. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
