/**
 * An authority that signs: its certificate and the name of its key in the module.
 *
 * The key is reachable only through functions that take to-be-signed bytes they built themselves (certificate,
 * CRL); no request carries bytes that end up here as they came. What was signed is verified before it leaves.
 */
import type { CryptoModule } from '@natsuin/crypto-module'
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { digestSync, verifySync } from '@natsuin/pki/node'
import { assembleSigned, type Certificate } from '@natsuin/pki/x509'

export interface SigningKey {
  /** Label in the module. */
  readonly label: string
  readonly algorithm: SignatureAlgorithm
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

export interface Issuer {
  readonly key: SigningKey
  readonly certificate: Certificate
}

/** Signature over `data` by the module's key; never one that does not verify. */
export async function signData(module: CryptoModule, key: SigningKey, data: Uint8Array): Promise<Uint8Array> {
  const { label, algorithm, spki } = key
  const digest = digestSync(signatureAlgorithms[algorithm].digest, data)
  const signature = await module.sign(label, { algorithm, digest })
  if (!verifySync({ algorithm, spki, data, signature })) {
    throw new Error(`the module answered with a signature that the key ${label} did not make`)
  }
  return signature
}

/** The finished certificate or CRL for these to-be-signed bytes. */
export async function signTbs(module: CryptoModule, key: SigningKey, tbs: Uint8Array): Promise<Uint8Array> {
  return assembleSigned(tbs, key.algorithm, await signData(module, key, tbs))
}

/** The identifier of the issuer's key, as its own certificate says it. */
export function issuerKeyIdentifier({ certificate }: Issuer): Uint8Array {
  const { subjectKeyIdentifier } = certificate.extensions
  if (subjectKeyIdentifier === undefined) throw new Error('the issuer has no subject key identifier')
  return subjectKeyIdentifier
}
