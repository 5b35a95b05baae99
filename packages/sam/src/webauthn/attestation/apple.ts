/** `apple`: WebAuthn Level 3, 8.8. Apple certifies the credential's own key, with the registration's digest in it. */
import { DerError, parseDer, readFields, readOctetString } from '@natsuin/pki/asn1'
import { concat, equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { Certificate } from '@natsuin/pki/x509'
import {
  type AttestedObject,
  chainOf,
  checkAttestationCertificate,
  membersOf,
  notAttested,
} from './attested.ts'

export function appleAttestation(object: AttestedObject): readonly Certificate[] {
  const chain = chainOf(membersOf(object.statement, ['x5c']).get('x5c'))
  const [certificate] = chain
  if (certificate === undefined) throw notAttested('x5c')
  const nonce = digestSync('sha256', concat(object.authenticatorData, object.clientDataHash))
  if (!equal(nonceIn(certificate), nonce)) throw notAttested('certified for another registration')
  if (!equal(certificate.spki, object.publicKey)) throw notAttested('another key')
  checkAttestationCertificate(certificate, object)
  return chain
}

const NONCE = '1.2.840.113635.100.8.2'

/** SEQUENCE { [1] EXPLICIT OCTET STRING }. */
function nonceIn({ extensions }: Certificate): Uint8Array {
  const found = extensions.all.find(({ oid }) => oid === NONCE)
  if (found === undefined) throw notAttested('no nonce')
  try {
    return readFields(parseDer(found.value), 'AppleNonce', fields => {
      const nonce = fields.explicit(1)
      if (nonce === undefined) throw notAttested('no nonce')
      return readOctetString(nonce)
    })
  } catch (error) {
    if (error instanceof DerError) throw notAttested('a nonce that cannot be read')
    throw error
  }
}
