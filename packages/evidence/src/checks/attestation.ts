/** The SAM attested this key, for the person of the grant. */
import { equal, utf8 } from '@natsuin/pki/encoding'
import { toWire } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { type KeyAttestation, keyAttestation } from '@natsuin/protocol/issuance'
import type { Leaf } from '@natsuin/protocol/log'
import { writeJson } from '@natsuin/protocol/shape'
import type { Sam } from '../sam.ts'
import { demand } from '../verdict.ts'
import type { EnrolledSigner } from './enrolment.ts'
import { type CheckedGrant, classOf } from './grant.ts'
import { checkProofing } from './proofing.ts'
import { readSigned } from './statement.ts'

/** What the SAM attested, and the class of the credential as the roster had it when its key was made. */
export interface AttestedKey extends KeyAttestation {
  readonly class: CredentialClass
}

export async function checkAttestation(
  jws: string,
  { signerId }: EnrolledSigner,
  { id, grant, class: granted }: CheckedGrant,
  leaf: Extract<Leaf, { event: 'key-generated' | 'key-imported' }>,
  sam: Sam,
): Promise<AttestedKey> {
  const attested = await readSigned(
    jws,
    'natsuin-key-attestation',
    keyAttestation,
    sam,
    'attestation-not-genuine',
  )
  const digest = await sam.platform.digest('sha256', utf8(jws))
  demand(
    equal(digest, leaf.attestationDigest),
    'attestation-for-another',
    'the log records another attestation',
  )
  const person = attested.signerId === signerId && leaf.signerId === signerId && attested.grantId === id
  demand(person, 'attestation-for-another', 'the key was attested for another signer')
  const subject = equal(writeJson(toWire(attested.subject)), writeJson(toWire(grant.subject)))
  demand(subject, 'attestation-for-another', 'the subject is not the one the officers vouched for')
  const { credentialId, level } = attested
  const credentialClass = classOf(grant, sam)
  const credential =
    credentialId === leaf.credentialId && level === credentialClass.level && level === granted.level
  demand(credential, 'attestation-for-another', 'the log records another credential')
  checkProofing(grant, credentialClass, leaf.at)
  demand(
    isOfOrigin(attested, leaf, { grant, class: credentialClass }),
    'origin-differs',
    'the key came another way',
  )
  return { ...attested, class: credentialClass }
}

/**
 * A key that came from elsewhere is said to, by log, attestation, class and grant alike, and is level 2 at most; one that
 * the module made is said to be made there.
 */
function isOfOrigin(
  { origin, local, level }: KeyAttestation,
  leaf: Extract<Leaf, { event: 'key-generated' | 'key-imported' }>,
  { grant: { importPackage }, class: { keys } }: Pick<CheckedGrant, 'grant' | 'class'>,
): boolean {
  if (leaf.event === 'key-generated') return origin === 'generated' && local && keys !== 'imported'
  const isApproved = importPackage !== undefined && equal(importPackage, leaf.packageDigest)
  return origin === 'imported' && !local && level < 3 && keys === 'imported' && isApproved
}
