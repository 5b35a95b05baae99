/**
 * Which time-stamp over the signature value holds: EN 319 102-1 V1.4.1, 5.4 and 5.5 (the part about signature
 * time-stamps).
 *
 * One that does not hold is no proof and no disproof: the signature is then judged without it, and the facts say why.
 */
import { type SignerInfo, signatureTimeStampsOf } from '@natsuin/pki/cms'
import { toHex } from '@natsuin/pki/encoding'
import { type Stamped, verifyTimeStampToken } from '@natsuin/pki/tsp'
import type { Certificate } from '@natsuin/pki/x509'
import { checkChain, type Trust } from './certificate-chain.ts'
import { type SignatureFacts, type TimeStampFacts, ValidationEnded } from './verdict.ts'

export interface JudgedTimeStamp {
  readonly facts: TimeStampFacts
  /** Of the time-stamping unit: leaf first, trust anchor last. */
  readonly path: readonly Certificate[]
}

export interface SignatureTimeStamp {
  /** `undefined` when there is none that holds. */
  readonly timeStamp: JudgedTimeStamp | undefined
  readonly problem: string | undefined
}

/** @param certificates  where a unit's chain may be found, DER each */
export async function judgeSignatureTimeStamps(
  signerInfo: SignerInfo,
  certificates: readonly Uint8Array[],
  trust: Trust,
): Promise<SignatureTimeStamp> {
  let problem: string | undefined
  for (const token of signatureTimeStampsOf(signerInfo)) {
    const judged = await judgeToken(token, { content: signerInfo.signature }, certificates, trust)
    if (typeof judged !== 'string') return { timeStamp: judged, problem: undefined }
    problem ??= judged
  }
  return { timeStamp: undefined, problem }
}

export function factsOfTimeStamp({
  timeStamp,
  problem,
}: SignatureTimeStamp): Pick<SignatureFacts, 'timeStamp' | 'timeStampProblem'> {
  return {
    ...(timeStamp === undefined ? {} : { timeStamp: timeStamp.facts }),
    ...(problem === undefined ? {} : { timeStampProblem: problem }),
  }
}

/** A token that holds, or what is wrong with it. The unit's certificate is judged at the verifier's time. */
export async function judgeToken(
  token: Uint8Array,
  stamped: Stamped,
  certificates: readonly Uint8Array[],
  trust: Trust,
): Promise<JudgedTimeStamp | string> {
  const { platform } = trust
  const verdict = await verifyTimeStampToken(token, stamped, platform, certificates)
  if (!verdict.valid) return verdict.problem
  const { certificate, tstInfo } = verdict
  const untrusted = [...verdict.certificates, ...certificates]
  const at = trust.at ?? tstInfo.genTime
  const implausible = implausibleTime(tstInfo.genTime, certificate, at)
  if (implausible !== undefined) return implausible
  const question = { ...trust, certificates: untrusted, at, purpose: 'time-stamping' as const }
  const path = await unlessEnded(() => checkChain(certificate, question))
  if (typeof path === 'string') return path
  const certificateSha256 = toHex(await platform.digest('sha256', certificate.bytes))
  const facts = { generatedAt: tstInfo.genTime, authority: certificate.subject.text, certificateSha256 }
  return { facts, path }
}

/** What a check that ends a validation says, where only a time-stamp falls with it. */
export async function unlessEnded<T>(check: () => Promise<T>): Promise<T | string> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof ValidationEnded) return error.message
    throw error
  }
}

/** That the unit's certificate was valid at the stamped time comes on top. */
function implausibleTime(genTime: Date, { notBefore, notAfter }: Certificate, at: Date): string | undefined {
  if (genTime > at) return 'later than the time of validation'
  return genTime < notBefore || genTime > notAfter ? 'outside the validity of its certificate' : undefined
}
