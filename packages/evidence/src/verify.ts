/**
 * Verifies the evidence of one signature, offline, with the pinned SAM key and nothing else (design 3).
 *
 * Each line of `establish` establishes one link of the chain and hands what it found to the next. The code is
 * the verifier's own: it shares message shapes with the SAM, and no line that makes them.
 */
import { fromUtf8 } from '@natsuin/pki/encoding'
import { type Evidence, evidence as evidenceShape } from '@natsuin/protocol/evidence'
import { ShapeError } from '@natsuin/protocol/shape'
import { checkActivation } from './checks/activation.ts'
import { checkAdditions } from './checks/additions.ts'
import { checkApproval } from './checks/approval.ts'
import { checkAttestation } from './checks/attestation.ts'
import { checkCertificate } from './checks/certificate.ts'
import { checkEnrolment } from './checks/enrolment.ts'
import { checkGrant } from './checks/grant.ts'
import { checkLogs, checkOrigins } from './checks/logs.ts'
import { checkMade } from './checks/made.ts'
import { checkRequest } from './checks/request.ts'
import { checkSamKey } from './checks/sam-key.ts'
import { checkSignature } from './checks/signature.ts'
import { checkWitnesses } from './checks/witnesses.ts'
import type { EvidenceQuestion } from './question.ts'
import { checkRosters } from './rosters/history.ts'
import { BrokenLink, type EvidenceFacts, type EvidenceVerdict } from './verdict.ts'

/** Never throws for bad evidence: what is wrong is in the verdict. */
export async function verifyEvidence(question: EvidenceQuestion): Promise<EvidenceVerdict> {
  try {
    return { valid: true, facts: await establish(readEvidence(question.evidence), question) }
  } catch (error) {
    if (!(error instanceof BrokenLink)) throw error
    return { valid: false, reason: error.reason, detail: error.message }
  }
}

/** Records that say which roster was in force. */
type RosterBound = 'grantAccepted' | 'keyGenerated' | 'certificateLinked'

async function establish(evidence: Evidence, question: EvidenceQuestion): Promise<EvidenceFacts> {
  const { platform } = question
  const samKey = await checkSamKey(evidence.samKey, question.samKeyDigest, platform)
  const log = await checkLogs(evidence, samKey, platform)
  const witnesses = await checkWitnesses(evidence, question)
  const founded = { head: log.heads.state, key: samKey, platform }
  const rosters = await checkRosters(evidence, log.genesis, founded)
  const { stateLog } = evidence
  const samAt = (name: RosterBound) => rosters.at({ ...log[name], index: stateLog[name].index })
  const sam = samAt('keyGenerated')
  const grant = await checkGrant(evidence.grant, log.grantAccepted, samAt('grantAccepted'))
  const enrolled = await checkEnrolment(evidence.enrolment, grant, log.enrolled, sam)
  const attestation = await checkAttestation(evidence.keyAttestation, enrolled, grant, log.keyGenerated, sam)
  const linked = samAt('certificateLinked')
  const certificate = await checkCertificate(evidence.certificates, attestation, log, linked)
  const signer = await checkAdditions(evidence, enrolled, log, sam)
  const approval = await checkApproval(evidence.approval, { signer, attestation }, log.sadAccepted, sam)
  checkOrigins(log.heads, approval.ticket.instance)
  const clientKey = await checkRequest(approval, sam)
  const approved = await checkActivation(evidence.activation, approval, log, platform)
  const making = { attestation, certificate: certificate.bytes, leaves: log, platform }
  const connection = await checkMade(evidence.activation, making)
  const documentCompared = await checkSignature(evidence.activation, approved, attestation, question)
  return {
    deployment: evidence.roster.deployment,
    environment: evidence.roster.environment,
    level: attestation.level,
    softwareModule: attestation.softwareModule,
    signerId: attestation.signerId,
    subject: attestation.subject,
    officers: grant.officers,
    proofing: grant.grant.proofing,
    credentialId: attestation.credentialId,
    keyOrigin: attestation.origin,
    certificate: certificate.bytes,
    client: approval.ticket.client.name,
    approved,
    connection,
    clientKey,
    approvedWith: approval.approvedWith,
    approvedAt: new Date(log.sadAccepted.at),
    signedAt: new Date(log.completed.at),
    logs: log.heads,
    witnesses,
    documentCompared,
  }
}

function readEvidence(file: Uint8Array): Evidence {
  try {
    return evidenceShape(JSON.parse(fromUtf8(file) ?? ''))
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error
    throw new BrokenLink('not-evidence', error instanceof ShapeError ? error.message : 'not JSON')
  }
}
