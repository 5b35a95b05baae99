/** What the signer signed about the signature: EN 319 132-1 V1.3.1, 5.2. */
import { digestByUri } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { type Certificate, readableCertificates } from '@natsuin/pki/x509'
import { canonicalise } from '../../xml/canonicalise.ts'
import { attributeOf, type XmlElement } from '../../xml/node.ts'
import { ValidationEnded } from '../verdict.ts'
import {
  algorithmOf,
  bytesIn,
  childOf,
  childrenOf,
  DS,
  malformed,
  type SignatureParts,
  textIn,
  XADES,
} from './signature-parts.ts'

function aboutSignature({ signedProperties }: SignatureParts): XmlElement {
  return childOf(signedProperties, [XADES, 'SignedSignatureProperties'])
}

/** The signer's certificate is the one whose digest he signed, whatever ds:KeyInfo says (5.2.2; T-XML-09). */
export async function signingCertificate(parts: SignatureParts, platform: Digest): Promise<Certificate> {
  const [property] = childrenOf(aboutSignature(parts), [XADES, 'SigningCertificateV2'])
  if (property === undefined) throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'no SigningCertificateV2')
  const [first] = childrenOf(property, [XADES, 'Cert'])
  if (first === undefined) throw malformed('SigningCertificateV2')
  const certDigest = childOf(first, [XADES, 'CertDigest'])
  const uri = algorithmOf(childOf(certDigest, [DS, 'DigestMethod']))
  const expected = bytesIn(childOf(certDigest, [DS, 'DigestValue']))
  const algorithm = digestByUri(uri)
  if (algorithm === undefined) throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', uri)
  for (const certificate of readableCertificates(parts.certificates))
    if (equal(await platform.digest(algorithm, certificate.bytes), expected)) return certificate
  throw new ValidationEnded('NO_SIGNING_CERTIFICATE_FOUND', 'none has the digest that was signed')
}

/** 5.2.1; required at every level (6.3). */
export function claimedSigningTime(parts: SignatureParts): Date {
  const value = textIn(childOf(aboutSignature(parts), [XADES, 'SigningTime']))
  const time = new Date(DATE_TIME.test(value) ? value : Number.NaN)
  if (Number.isNaN(time.getTime())) throw malformed('SigningTime')
  return time
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/** 5.2.4: the media types that the signer gave to what he signed, by the Ids of the references. */
export function mimeTypes({ signedProperties }: SignatureParts): ReadonlyMap<string, string> {
  const formats = childrenOf(signedProperties, [XADES, 'SignedDataObjectProperties']).flatMap(one =>
    childrenOf(one, [XADES, 'DataObjectFormat']),
  )
  return new Map(
    formats.flatMap(format => {
      const reference = attributeOf(format, 'ObjectReference')
      const [type] = childrenOf(format, [XADES, 'MimeType'])
      return reference === undefined || type === undefined
        ? []
        : [[reference.slice(1), textIn(type)] as const]
    }),
  )
}

/** All of them, so that nobody has to look for them in the document, where they may stand twice. */
export function signedText({ signedProperties }: SignatureParts): string {
  return new TextDecoder().decode(canonicalise(signedProperties, { form: 'exc-c14n', withComments: false }))
}
