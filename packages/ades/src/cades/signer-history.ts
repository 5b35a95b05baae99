/**
 * What the signers of a CAdES signature have been given so far, and whose validation data they still lack:
 * EN 319 122-1 V1.3.1, 5.5.3 and 6.3.
 *
 * What an archive time-stamp covers is settled for good: nothing about it is asked again, which matters because
 * certificates expire and authorities close. Only the time-stamp itself is not.
 */
import {
  archiveTimeStampsOf,
  certificateOfSigner,
  parseSignedData,
  type SignedData,
  type SignerInfo,
  signatureTimeStampsOf,
} from '@natsuin/pki/cms'
import type { Certificate } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'
import { readTimeStamp, type TimeStamp } from '../time-stamping/read-time-stamp.ts'
import type { Subject } from '../validation-data/collect.ts'
import { readable } from './read-signature.ts'

export interface SignerHistory {
  readonly signerInfo: SignerInfo
  readonly certificate: Certificate
  /** Over the signature value. */
  readonly timeStamps: readonly TimeStamp[]
  /** The oldest first. */
  readonly archiveTimeStamps: readonly TimeStamp[]
}

export interface History {
  readonly signedData: SignedData
  readonly signers: readonly SignerHistory[]
}

/** @throws AdesRefusal `signature-missing`, `signature-unreadable`: what cannot be read cannot be made to last */
export function historyOf(signature: Uint8Array): History {
  const signedData = readable(() => parseSignedData(signature))
  const signers = signedData.signerInfos.map(signerInfo => readable(() => readSigner(signedData, signerInfo)))
  if (signers.length === 0) throw new AdesRefusal('signature-missing')
  return { signedData, signers }
}

function readSigner(signedData: SignedData, signerInfo: SignerInfo): SignerHistory {
  const certificate = certificateOfSigner(signedData, signerInfo)
  if (certificate === undefined) throw new AdesRefusal('signature-unreadable', 'its certificate is missing')
  return {
    signerInfo,
    certificate,
    timeStamps: signatureTimeStampsOf(signerInfo).map(readTimeStamp),
    archiveTimeStamps: archiveTimeStampsOf(signerInfo).map(readTimeStamp).sort(byTime),
  }
}

function byTime(a: TimeStamp, b: TimeStamp): number {
  return a.generatedAt.getTime() - b.generatedAt.getTime()
}

/**
 * Older forms of what B-LT and B-LTA are made of: those levels shall not have them (6.3, table 1), and an archive
 * time-stamp of an older form is over what a newer one would change (5.5.3).
 */
const OLDER_FORMS: ReadonlySet<string> = new Set([
  // RFC 5126, 6.2 to 6.4: references, values and time-stamps over them; 27 and 48 are its archive time-stamps.
  ...[21, 22, 23, 24, 25, 26, 27, 44, 45, 48].map(n => `1.2.840.113549.1.9.16.2.${n}`),
  // EN 319 122-1 V1.3.1, A.2.5.
  '0.4.0.1733.2.2',
])

/** @throws AdesRefusal `signature-unreadable` */
export function checkExtensible({ signers }: History): void {
  const attributes = signers.flatMap(({ signerInfo }) => signerInfo.unsignedAttributes?.all ?? [])
  const older = attributes.find(({ oid }) => OLDER_FORMS.has(oid))
  if (older !== undefined) throw new AdesRefusal('signature-unreadable', `an older form: ${older.oid}`)
}

/** The certificates to collect validation data for. */
export function subjectsOf({
  certificate,
  timeStamps,
  archiveTimeStamps,
}: SignerHistory): readonly Subject[] {
  const last = archiveTimeStamps.at(-1)
  if (last !== undefined) return [unitOf(last)]
  const times = timeStamps.map(({ generatedAt }) => generatedAt).sort((a, b) => a.getTime() - b.getTime())
  const signer: Subject = { certificate: certificate.bytes, purpose: 'signing', usedBefore: times[0] }
  return [signer, ...timeStamps.map(unitOf)]
}

function unitOf({ unit }: TimeStamp): Subject {
  return { certificate: unit.bytes, purpose: 'time-stamping' }
}
