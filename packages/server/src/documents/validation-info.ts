/** What a validator needs of a signature beside what is in it: `validationInfo` (CSC API v2.0.0.2, 11.11). */
import { nodePlatform as platform } from '@natsuin/ades/node'
import { collectValidationData } from '@natsuin/ades/validation-data'
import { equal } from '@natsuin/pki/encoding'
import type { Clock } from '../clock.ts'
import { lasting } from './authorities-of.ts'
import type { DocumentTask, ValidationInfo } from './task.ts'

export async function validationInfoOf(task: DocumentTask, clock: Clock): Promise<ValidationInfo> {
  const { signingCertificate, chain, level, authorities } = task
  const signer = { certificate: signingCertificate, purpose: 'signing' } as const
  const unit = { certificate: authorities.timeStamping, purpose: 'time-stamping' } as const
  const { certificates, ocspResponses, crls } = await collectValidationData({
    ...lasting(task, clock),
    subjects: level === 'B-B' ? [signer] : [signer, unit],
    untrusted: chain,
    platform,
  })
  const isThere = (one: Uint8Array) => [signingCertificate, ...chain].some(other => equal(other, one))
  return { ocsp: ocspResponses, crl: crls, certificates: certificates.filter(one => !isThere(one)) }
}
