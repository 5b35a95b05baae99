/**
 * `packed`: WebAuthn Level 3, 8.2. The authenticator's batch certificate signs authenticator data and client data.
 *
 * Self attestation, which signs with the credential itself, says nothing about the model and is not taken.
 */
import { concat } from '@natsuin/pki/encoding'
import type { Certificate } from '@natsuin/pki/x509'
import {
  type AttestedObject,
  bytesOf,
  chainOf,
  checkAttestationCertificate,
  membersOf,
  notAttested,
} from './attested.ts'
import { algorithmOf, checkStatementSignature } from './signature.ts'

export function packedAttestation(object: AttestedObject): readonly Certificate[] {
  const members = membersOf(object.statement, ['alg', 'sig', 'x5c'])
  const chain = chainOf(members.get('x5c'))
  const [certificate] = chain
  if (certificate === undefined) throw notAttested('x5c')
  checkStatementSignature({
    algorithm: algorithmOf(members.get('alg')).algorithm,
    spki: certificate.spki,
    data: concat(object.authenticatorData, object.clientDataHash),
    signature: bytesOf(members.get('sig')),
  })
  checkAttestationCertificate(certificate, object)
  checkSubject(certificate)
  return chain
}

/** 8.2.1: the organisational unit is this literal string. */
function checkSubject({ subject }: Certificate): void {
  const unit = subject.attributes.some(
    ({ oid, value }) => oid === ORGANIZATIONAL_UNIT && value === 'Authenticator Attestation',
  )
  if (!unit) throw notAttested('subject of the certificate')
}

const ORGANIZATIONAL_UNIT = '2.5.4.11'
