/**
 * Judges what came out: our own verifier, the evidence against the pinned key, and pdfsig where it is installed.
 *
 * Our verifier shares no code with the path that signed, except `pki`, which reads the formats for both.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { openFileSource } from '@natsuin/ades/node'
import { type Verdict, verifyPades } from '@natsuin/ades/validation'
import { verifyEvidence } from '@natsuin/evidence'
import { nodePlatform } from '@natsuin/pki/node'
import type { KnownDeployment } from '@natsuin/testing/deployment'
import { pdfsigJudgement } from './pdfsig.ts'
import type { Judgement } from './result.ts'

export interface Judged {
  readonly judges: readonly Judgement[]
  readonly verdict: string
  readonly good: boolean
  readonly timeStamp: string
}

export async function judge(
  signedPdf: string,
  evidence: string,
  known: KnownDeployment,
  root: Uint8Array,
): Promise<Judged> {
  const verdict = await judgePdf(signedPdf, root)
  const judges = [
    { name: 'natsuin', verdict: wordsOf(verdict), good: isGood(verdict) },
    await judgeEvidence(evidence, known, verdict),
    ...pdfsigJudgement(signedPdf, root),
  ]
  const timeStamp = verdict.facts.timeStamp?.generatedAt.toISOString() ?? 'none'
  return { judges, verdict: verdict.indication, good: judges.every(({ good }) => good), timeStamp }
}

/** SHA-256 of a certificate, hexadecimal. */
export function digestOf(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('hex')
}

async function judgePdf(signedPdf: string, root: Uint8Array): Promise<Verdict> {
  const source = await openFileSource(signedPdf)
  try {
    return await verifyPades(source, { platform: nodePlatform, trustAnchors: [root] })
  } finally {
    await source.close()
  }
}

async function judgeEvidence(evidence: string, known: KnownDeployment, pdf: Verdict): Promise<Judgement> {
  const { signedAttributes, signatureValue } = pdf.facts
  const document = signedAttributes && signatureValue ? { signedAttributes, signatureValue } : undefined
  const verdict = await verifyEvidence({
    evidence: readFileSync(evidence),
    samKeyDigest: known.samKeyDigest,
    platform: nodePlatform,
    ...(document && { document }),
  })
  const words = verdict.valid
    ? `proves that ${verdict.facts.subject.commonName} approved it`
    : `${verdict.reason}: ${verdict.detail}`
  return { name: 'evidence', verdict: words, good: verdict.valid && verdict.facts.documentCompared }
}

function isGood({ indication, facts }: Verdict): boolean {
  return indication === 'TOTAL-PASSED' && facts.level === 'B-T'
}

function wordsOf(verdict: Verdict): string {
  if (verdict.indication === 'TOTAL-PASSED') return `TOTAL-PASSED, PAdES-${verdict.facts.level}`
  return `${verdict.indication}, ${verdict.subIndication}: ${verdict.reason}`
}
