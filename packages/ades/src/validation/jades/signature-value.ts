/**
 * Cryptographic verification (EN 319 102-1 V1.4.1, 5.2.7) of a JSON signature: RFC 7515, 5.2.
 *
 * `alg` only says which algorithm the signer means; whether the certified key has it, the certificate says. No name
 * leads to an algorithm without a certified key (none, HS256).
 */
import { joseAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { Verifier } from '@natsuin/pki/platform'
import { type Certificate, isAcceptableKey, type PublicKey } from '@natsuin/pki/x509'
import { ValidationEnded } from '../verdict.ts'
import { base64url } from './json.ts'
import type { SerializedSignature } from './serialization.ts'

export interface SignatureQuestion {
  readonly alg: string
  readonly signature: SerializedSignature
  /** What the payload contributes. */
  readonly signed: Uint8Array
  readonly certificate: Certificate
}

/** @throws ValidationEnded CRYPTO_CONSTRAINTS_FAILURE, SIG_CRYPTO_FAILURE, FORMAT_FAILURE */
export async function checkSignature(
  { alg, signature, signed, certificate }: SignatureQuestion,
  verifier: Verifier,
): Promise<void> {
  const algorithm = algorithmFor(alg, certificate.publicKey)
  const value = valueFor(certificate.publicKey, base64url(signature.signature, 'signature'))
  const data = concat(utf8(`${signature.protected}.`), signed)
  const question = { algorithm, spki: certificate.spki, data, signature: value }
  if (!(await verifier.verify(question))) throw new ValidationEnded('SIG_CRYPTO_FAILURE', 'signature-invalid')
}

function algorithmFor(alg: string, key: PublicKey) {
  const named = joseAlgorithm(alg)
  if (named === undefined) throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', 'alg is not supported')
  const fits = signatureAlgorithms[named.algorithm].key === key.kind && named.curve === curveOf(key)
  if (!fits) throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', 'alg is not one of the certified key')
  if (!isAcceptableKey(key)) throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', 'key-unacceptable')
  return named.algorithm
}

function curveOf(key: PublicKey) {
  return key.kind === 'ec' ? key.curve : undefined
}

const PAIR_BYTES = { 'P-256': 64, 'P-384': 96, 'P-521': 132 } as const

/** RFC 7518, 3.4: r and s in their full length, and no other. */
function valueFor(key: PublicKey, octets: Uint8Array): Uint8Array {
  if (key.kind !== 'ec') return octets
  if (octets.length !== PAIR_BYTES[key.curve])
    throw new ValidationEnded('SIG_CRYPTO_FAILURE', 'length of the signature value')
  return buildEcdsaSigValue(octets)
}
