/**
 * The signed attributes that the SAM makes for a document whose digest was approved: content-type (id-data),
 * message-digest and signing-certificate-v2 (RFC 5652, 11.1 and 11.2; RFC 5035, 3), and what the form demands.
 *
 * Nothing comes from outside but the approved digest. What a signer says beyond that (a policy, a commitment) he has to have
 * approved, and no statement has words for it: whoever wants it approves the DTBS/R.
 */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { buildSignedAttributes, type SignedAttributesProfile } from '@natsuin/pki/cms'
import type { TemplateDocument } from '@natsuin/protocol/sap'

export interface Signing {
  readonly algorithm: SignatureAlgorithm
  /** Of the credential's certificate, by the algorithm's own digest. */
  readonly certificateDigest: Uint8Array
  /** By the SAM's clock, seconds since 1970-01-01T00:00:00Z. */
  readonly atSeconds: number
}

type Form = (signing: Signing) => Pick<SignedAttributesProfile, 'signingTime' | 'algorithmProtection'>

const FORMS: Readonly<Record<TemplateDocument['cms'], Form>> = {
  /** EN 319 122-1 V1.3.1, 6.3: signing-time shall be there. RFC 6211: the algorithms are bound. */
  cades: ({ algorithm: signatureAlgorithm, atSeconds }) => ({
    signingTime: new Date(atSeconds * 1000),
    algorithmProtection: {
      digestAlgorithm: signatureAlgorithms[signatureAlgorithm].digest,
      signatureAlgorithm,
    },
  }),
  /** EN 319 142-1 V1.2.1, 6.3: signing-time shall not be there. */
  pades: () => ({}),
}

/** @returns DER SET OF Attribute with tag 0x31 */
export function templateAttributes(
  { documentDigest: messageDigest, cms }: TemplateDocument,
  signing: Signing,
): Uint8Array {
  const { digest: digestAlgorithm } = signatureAlgorithms[signing.algorithm]
  const signingCertificate = { digestAlgorithm, certificateHash: signing.certificateDigest }
  return buildSignedAttributes({ messageDigest, signingCertificate, ...FORMS[cms](signing) })
}
