/**
 * The signed attributes of a PAdES baseline signature: EN 319 142-1 V1.2.1, 6.3.
 *
 * content-type (id-data), message-digest and signing-certificate-v2, nothing else: the signing time is M in the
 * signature dictionary, and the CMS attribute of that name is forbidden beside it.
 */
import { digestAlgorithms, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { DerError, OID } from '@natsuin/pki/asn1'
import {
  buildSignedAttributes,
  essCertIdOf,
  parseSignedAttributes,
  type SignedAttributes,
} from '@natsuin/pki/cms'
import type { Digest } from '@natsuin/pki/platform'
import { PdfRefusal } from '../pdf/refusal.ts'
import type { SigningMaterial } from '../signing/signing-material.ts'

/** @returns DER SET OF Attribute with tag 0x31: the bytes that are signed */
export async function padesSignedAttributes(
  { certificate, signatureAlgorithm }: SigningMaterial,
  messageDigest: Uint8Array,
  platform: Digest,
): Promise<Uint8Array> {
  const { digest } = signatureAlgorithms[signatureAlgorithm]
  const signingCertificate = await essCertIdOf(certificate.bytes, digest, platform)
  return buildSignedAttributes({ messageDigest, signingCertificate })
}

/**
 * The messageDigest in the signed attributes of a PAdES baseline signature: what the digest of the prepared
 * document must be equal to.
 *
 * @param der  the DTBS: DER SET OF Attribute with tag 0x31
 * @throws PdfRefusal `signed-attributes-malformed` when they are not those of a PAdES baseline signature
 */
export function messageDigestOf(der: Uint8Array): Uint8Array {
  const attributes = parsed(der)
  const known = Object.values(digestAlgorithms).some(({ size }) => size === attributes.messageDigest.length)
  if (!known) throw new PdfRefusal('signed-attributes-malformed', 'length of message-digest')
  if (attributes.contentType !== OID.data) throw new PdfRefusal('signed-attributes-malformed', 'content-type')
  if (attributes.signingCertificate === undefined) {
    throw new PdfRefusal('signed-attributes-malformed', 'no signing-certificate-v2')
  }
  if (attributes.signingTime !== undefined)
    throw new PdfRefusal('signed-attributes-malformed', 'signing-time')
  return attributes.messageDigest
}

function parsed(der: Uint8Array): SignedAttributes {
  try {
    return parseSignedAttributes(der)
  } catch (error) {
    if (error instanceof DerError) throw new PdfRefusal('signed-attributes-malformed', error.reason)
    throw error
  }
}
