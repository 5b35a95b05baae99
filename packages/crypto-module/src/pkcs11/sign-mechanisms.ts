/**
 * How each signature algorithm is asked of a token: a mechanism that takes what we made of the digest, never one
 * that would sign octets as they are (CKM_RSA_X_509), and what its answer must look like.
 *
 * PKCS #11 Current Mechanisms V2.40, 2.1.6 (RSA), 2.1.10 (PSS), 2.3.6 (ECDSA); V3.0, 2.3.14 (EdDSA).
 */
import {
  type DigestAlgorithm,
  digestAlgorithms,
  isSha2,
  type KeyType,
  keyTypes,
  type SignatureFamily,
  signatureAlgorithms,
} from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import type { Mechanism } from 'pkcs11js'
import { orderSizes } from '../curve-order.ts'
import { digestInfo } from '../digest-info.ts'
import type { DigestToSign } from '../module.ts'
import { hashMechanism, mechanism, parameters } from './cryptoki.ts'

export interface TokenSignature {
  readonly mechanism: Mechanism
  /** What goes into C_Sign. */
  readonly data: Uint8Array
}

/** How a checked request (check-digest.ts) is put to the token. */
export function tokenSignature(request: DigestToSign): TokenSignature {
  return FAMILIES[signatureAlgorithms[request.algorithm].family](request)
}

const FAMILIES: Readonly<Record<SignatureFamily, (request: DigestToSign) => TokenSignature>> = {
  ecdsa: ({ digest }) => ({ mechanism: { mechanism: mechanism.ECDSA }, data: digest }),
  'rsa-pkcs1': ({ algorithm, digest }) => ({
    mechanism: { mechanism: mechanism.RSA_PKCS },
    data: digestInfo(algorithm, digest),
  }),
  'rsa-pss': ({ algorithm, digest }) => ({
    mechanism: {
      mechanism: mechanism.RSA_PKCS_PSS,
      parameter: pssParameter(signatureAlgorithms[algorithm].digest),
    },
    data: digest,
  }),
  ed25519: ({ message = new Uint8Array() }) => ({
    mechanism: { mechanism: mechanism.EDDSA },
    data: message,
  }),
}

function pssParameter(digest: DigestAlgorithm) {
  // No key of a token signs with SHA-3 (keyTypes); check-digest.ts has refused it by then.
  if (!isSha2(digest)) throw new RangeError(`tokens are not asked for ${digest}`)
  const { hash, mgf } = hashMechanism[digest]
  return { type: parameters.RSA_PSS, hashAlg: hash, mgf, saltLen: digestAlgorithms[digest].size }
}

/**
 * The token's octets as the module hands them out.
 * @throws Error when they are not as long as a signature of the key type is
 */
export function signatureValue(type: KeyType, octets: Uint8Array): Uint8Array {
  const size = signatureSize(type)
  if (octets.length !== size) {
    throw new Error(`the token's ${type} signature has ${octets.length} octets instead of ${size}`)
  }
  return keyTypes[type].family === 'ec' ? buildEcdsaSigValue(octets) : new Uint8Array(octets)
}

/** r and s for ECDSA; the modulus for RSA (RFC 8017, 8); R and S for Ed25519 (RFC 8032, 5.1.6). */
function signatureSize(type: KeyType): number {
  const { curve, family, bits } = keyTypes[type]
  if (curve !== undefined) return 2 * orderSizes[curve]
  return family === 'rsa' ? bits / 8 : 64
}
