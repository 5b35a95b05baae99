/**
 * Identification of the signing certificate (EN 319 102-1 V1.4.1, 5.2.3): the signed header has its digest in exactly one
 * of three ways (TS 119 182-1 V1.2.1, 5.1.7, 5.2.2 and 6.3), and the certificate itself or whoever asks brings it.
 */
import { type DigestAlgorithm, joseDigest } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import { ValidationEnded } from '../verdict.ts'
import { base64, base64url, exactly, type JsonObject, list, malformed, text } from './json.ts'

/** As long as a path may be (threats.md, 4). */
const LONGEST_CHAIN = 10

/** The certificates in the header, DER each, the signer's first. */
export function chainIn(members: JsonObject): readonly Uint8Array[] {
  return members.has('x5c')
    ? list(members.get('x5c'), 'x5c', LONGEST_CHAIN).map(der => base64(der, 'x5c'))
    : []
}

/**
 * @param certificates  where else it may be, DER each
 * @throws ValidationEnded SIG_CONSTRAINTS_FAILURE, NO_SIGNING_CERTIFICATE_FOUND, FORMAT_FAILURE
 * @throws DerError when what has the digest is not a certificate
 */
export async function signingCertificate(
  members: JsonObject,
  certificates: readonly Uint8Array[],
  platform: Digest,
): Promise<Certificate> {
  const reference = referenceIn(members)
  const chain = chainIn(members)
  // RFC 7515, 4.1.6: the first is the signer's.
  const candidates = chain.length === 0 ? certificates : chain.slice(0, 1)
  for (const der of candidates)
    if (equal(await platform.digest(reference.algorithm, der), reference.digest)) return parseCertificate(der)
  throw new ValidationEnded('NO_SIGNING_CERTIFICATE_FOUND', 'no certificate has the signed digest')
}

interface Reference {
  readonly algorithm: DigestAlgorithm
  readonly digest: Uint8Array
}

const REFERENCES = ['x5t#S256', 'x5t#o', 'sigX5ts']

function referenceIn(members: JsonObject): Reference {
  const [name, ...others] = REFERENCES.filter(reference => members.has(reference))
  if (name === undefined || others.length > 0)
    throw new ValidationEnded('SIG_CONSTRAINTS_FAILURE', 'not one reference to the signing certificate')
  const value = members.get(name)
  if (name === 'x5t#S256') return { algorithm: 'sha256', digest: base64url(value, name) }
  return otherReference(name === 'x5t#o' ? value : list(value, name)[0], name)
}

function otherReference(value: unknown, name: string): Reference {
  const members = exactly(value, ['digAlg', 'digVal'], name)
  const algorithm = joseDigest(text(members.get('digAlg'), name))
  if (algorithm === undefined) throw malformed(`${name}: digest algorithm`)
  return { algorithm, digest: base64url(members.get('digVal'), name) }
}
