/**
 * Which time-stamp over the signature value holds: EN 319 102-1 V1.4.1, 5.4 and 5.5 (the part about signature
 * time-stamps).
 *
 * One that does not hold is no proof and no disproof: the signature is then judged without it, at level B-B,
 * and the facts say why.
 */
import { type SignerInfo, signatureTimeStampsOf } from '@natsuin/pki/cms'
import { toHex } from '@natsuin/pki/encoding'
import { verifyTimeStampToken } from '@natsuin/pki/tsp'
import type { Certificate } from '@natsuin/pki/x509'
import { checkChain, type Trust } from './certificate-chain.ts'
import { type SignatureFacts, type TimeStampFacts, ValidationEnded } from './verdict.ts'

export interface TimeStampJudgement {
  readonly level: 'B-B' | 'B-T'
  readonly facts: Pick<SignatureFacts, 'level' | 'timeStamp' | 'timeStampProblem'>
}

/** @param certificates  of the signature, where a unit's chain may be too, DER each */
export async function judgeTimeStamps(
  signerInfo: SignerInfo,
  certificates: readonly Uint8Array[],
  trust: Trust,
): Promise<TimeStampJudgement> {
  let problem: string | undefined
  for (const token of signatureTimeStampsOf(signerInfo)) {
    const judged = await judge(token, signerInfo.signature, certificates, trust)
    if (typeof judged !== 'string') return { level: 'B-T', facts: { level: 'B-T', timeStamp: judged } }
    problem ??= judged
  }
  return {
    level: 'B-B',
    facts: { level: 'B-B', ...(problem === undefined ? {} : { timeStampProblem: problem }) },
  }
}

/** The facts of a token that holds, or what is wrong with it. */
async function judge(
  token: Uint8Array,
  signatureValue: Uint8Array,
  certificates: readonly Uint8Array[],
  trust: Trust,
): Promise<TimeStampFacts | string> {
  const { platform } = trust
  const verdict = await verifyTimeStampToken(token, { content: signatureValue }, platform, certificates)
  if (!verdict.valid) return verdict.problem
  const { certificate, tstInfo } = verdict
  const untrusted = [...verdict.certificates, ...certificates]
  const at = trust.at ?? tstInfo.genTime
  const implausible = implausibleTime(tstInfo.genTime, certificate, at)
  if (implausible !== undefined) return implausible
  try {
    await checkChain(certificate, { ...trust, certificates: untrusted, at, purpose: 'time-stamping' })
  } catch (error) {
    if (error instanceof ValidationEnded) return error.message
    throw error
  }
  const certificateSha256 = toHex(await platform.digest('sha256', certificate.bytes))
  return { generatedAt: tstInfo.genTime, authority: certificate.subject.text, certificateSha256 }
}

/** The unit's certificate is judged at the verifier's time; that it was valid at the stamped time comes on top. */
function implausibleTime(genTime: Date, { notBefore, notAfter }: Certificate, at: Date): string | undefined {
  if (genTime > at) return 'later than the time of validation'
  return genTime < notBefore || genTime > notAfter ? 'outside the validity of its certificate' : undefined
}
