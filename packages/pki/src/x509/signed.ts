/**
 * The envelope that certificates, CRLs and OCSP responses share: SEQUENCE { toBeSigned, algorithm, signature }
 * (RFC 5280, 4.1 and 5.1; RFC 6960, 4.2.1).
 *
 * Building is in two steps, because the key is elsewhere: to-be-signed bytes out, signature value in.
 */
import type { SignatureAlgorithm } from '../algorithms/algorithms.ts'
import type { DerNode } from '../asn1/der-node.ts'
import type { Fields } from '../asn1/fields.ts'
import { readBitString } from '../asn1/read.ts'
import { bitString, type Der, sequence } from '../asn1/write.ts'
import type { Verifier } from '../platform/index.ts'
import { readSignatureAlgorithm, signatureAlgorithmIdentifier } from './algorithm-identifier.ts'
import { isAcceptableKey, readPublicKey } from './public-key.ts'

export interface Signed {
  /** The bytes the signature is over, exactly as they were read. */
  readonly tbs: Uint8Array
  /** `undefined` when we do not know the algorithm; such a signature never verifies. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined
  /** RSA octets or DER ECDSA-Sig-Value. */
  readonly signature: Uint8Array
}

/** Reads the three fields; `algorithm` is handed on because formats repeat it inside. */
export function readSigned(fields: Fields): Signed & { readonly body: DerNode; readonly algorithm: DerNode } {
  const body = fields.take('toBeSigned')
  const algorithm = fields.take('signatureAlgorithm')
  const signature = readBitString(fields.take('signatureValue'))
  return {
    body,
    algorithm,
    tbs: body.bytes,
    signatureAlgorithm: readSignatureAlgorithm(algorithm),
    signature,
  }
}

/**
 * The finished certificate or CRL.
 *
 * @param tbs        DER, as `buildTbsCertificate` or `buildTbsCertList` gave it and as it was signed
 * @param algorithm  the algorithm it was built for
 * @param signature  as X.509 carries it: RSA octets or DER ECDSA-Sig-Value
 */
export function assembleSigned(tbs: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Der {
  return sequence(tbs, signatureAlgorithmIdentifier(algorithm), bitString(signature))
}

/**
 * Whether `signed` was signed by the key `spki`.
 *
 * @param spki  DER SubjectPublicKeyInfo
 * @returns false also for keys we do not accept (`isAcceptableKey`) and unknown algorithms
 */
export async function verifySigned(signed: Signed, spki: Uint8Array, verifier: Verifier): Promise<boolean> {
  const { signatureAlgorithm: algorithm, tbs: data, signature } = signed
  if (algorithm === undefined || !isAcceptableKey(readPublicKey(spki))) return false
  return verifier.verify({ algorithm, spki, data, signature })
}
