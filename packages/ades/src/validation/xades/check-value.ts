/** The signature value: XMLDSig 1.1, 3.2.2 and 6.4; RFC 9231, 2.3. EN 319 102-1 V1.4.1, 5.2.7. */
import {
  keyTypes,
  type SignatureAlgorithm,
  signatureAlgorithms,
  signatureByUri,
} from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import type { Platform } from '@natsuin/pki/platform'
import { type Certificate, isAcceptableKey, type PublicKey } from '@natsuin/pki/x509'
import { canonicalise } from '../../xml/canonicalise.ts'
import { ValidationEnded } from '../verdict.ts'
import { canonicalisationIn } from './canonical.ts'
import {
  algorithmOf,
  bytesIn,
  childOf,
  DS,
  malformed,
  partsIn,
  type SignatureParts,
} from './signature-parts.ts'

/** @throws ValidationEnded SIG_CRYPTO_FAILURE, CRYPTO_CONSTRAINTS_FAILURE, FORMAT_FAILURE */
export async function checkValue(
  { signedInfo, signatureValue }: SignatureParts,
  { spki, publicKey }: Certificate,
  platform: Platform,
): Promise<void> {
  const [first, second, ...references] = partsIn(signedInfo)
  const isWhole = references.length > 0 && references.every(({ localName }) => localName === 'Reference')
  const method = childOf(signedInfo, [DS, 'CanonicalizationMethod'])
  if (first !== method || second?.localName !== 'SignatureMethod' || !isWhole)
    throw malformed('ds:SignedInfo')
  const canonicalisation = canonicalisationIn(method)
  if (canonicalisation === undefined)
    throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', algorithmOf(method))
  const algorithm = algorithmIn(signedInfo)
  if (!isAcceptableKey(publicKey)) throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', 'key-unacceptable')
  const value = bytesIn(signatureValue)
  const signature = asElsewhere(value, algorithm, publicKey)
  const data = canonicalise(signedInfo, canonicalisation)
  const holds = signature !== undefined && (await platform.verify({ algorithm, spki, data, signature }))
  if (!holds) throw new ValidationEnded('SIG_CRYPTO_FAILURE', 'signature-invalid')
}

/** HMAC, DSA, SHA-1 and parameters of every kind are none of them (T-XML-10). */
function algorithmIn(signedInfo: Parameters<typeof childOf>[0]): SignatureAlgorithm {
  const method = childOf(signedInfo, [DS, 'SignatureMethod'])
  const algorithm = signatureByUri(algorithmOf(method))
  if (algorithm === undefined || partsIn(method).length > 0)
    throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', algorithmOf(method))
  return algorithm
}

/** XML has ECDSA values as r || s, of exactly the length of the order. */
function asElsewhere(
  value: Uint8Array,
  algorithm: SignatureAlgorithm,
  key: PublicKey,
): Uint8Array | undefined {
  if (signatureAlgorithms[algorithm].family !== 'ecdsa') return value
  if (key.kind !== 'ec' || value.length !== 2 * Math.ceil(keyTypes[key.keyType].bits / 8)) return undefined
  return buildEcdsaSigValue(value)
}
