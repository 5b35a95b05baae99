/** The certificate that signs, its chain and the algorithm: what prepare and complete must agree on. */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'

export interface SigningMaterial {
  readonly certificate: Certificate
  readonly chain: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
}

export interface GivenMaterial {
  /** DER. */
  readonly signingCertificate: Uint8Array
  /** DER each. */
  readonly chain: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
}

/**
 * @throws DerError when the signing certificate is not one
 * @throws RangeError when its key cannot sign with the algorithm
 */
export function signingMaterial(from: GivenMaterial): SigningMaterial {
  const certificate = parseCertificate(from.signingCertificate)
  if (signatureAlgorithms[from.signatureAlgorithm].key !== certificate.publicKey.kind) {
    throw new RangeError(`the certificate's key does not sign with ${from.signatureAlgorithm}`)
  }
  return { certificate, chain: from.chain, signatureAlgorithm: from.signatureAlgorithm }
}
