/**
 * What the signers of a CAdES signature have been given so far, and whose validation data they still lack:
 * EN 319 122-1 V1.3.1, 5.5.3 and 6.3.
 *
 * What an archive time-stamp covers is settled for good: nothing about it is asked again, which matters because
 * certificates expire and authorities close. Only the time-stamp itself is not.
 */
import { OID, oid } from '@natsuin/pki/asn1'
import {
  archiveTimeStampsOf,
  certificateOfSigner,
  counterSignatureValuesOf,
  type HashIndex,
  hashIndexOf,
  parseCounterSignature,
  parseSignedData,
  type SignedData,
  type SignerInfo,
  signatureTimeStampsOf,
} from '@natsuin/pki/cms'
import { concat, equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { Certificate } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'
import { readable } from '../signing/readable.ts'
import { readTimeStamp, type TimeStamp } from '../time-stamping/read-time-stamp.ts'
import type { Subject } from '../validation-data/collect.ts'

/** Who signed, and what proves when. */
export interface Stamped {
  readonly certificate: Certificate
  /** Over the signature value. */
  readonly timeStamps: readonly TimeStamp[]
}

/** Those of a countersignature attribute value: its signer, and whoever counter-signed that one again. */
export interface CounterSignature {
  /** DER. */
  readonly value: Uint8Array
  readonly signers: readonly Stamped[]
}

export interface SignerHistory extends Stamped {
  readonly signerInfo: SignerInfo
  readonly counterSignatures: readonly CounterSignature[]
  /** The oldest first. */
  readonly archiveTimeStamps: readonly TimeStamp[]
  /** Of the last archive time-stamp: what it covers. */
  readonly covered: HashIndex | undefined
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
  const archive = archiveTimeStampsOf(signerInfo)
    .map(token => ({ token, timeStamp: readTimeStamp(token) }))
    .sort((a, b) => byTime(a.timeStamp, b.timeStamp))
  const last = archive.at(-1)
  return {
    signerInfo,
    ...readStamped(signedData, signerInfo),
    counterSignatures: counterSignatureValuesOf(signerInfo).map(value => ({
      value,
      signers: readCounterSigners(signedData, value),
    })),
    archiveTimeStamps: archive.map(({ timeStamp }) => timeStamp),
    covered: last && hashIndexOf(last.token),
  }
}

function readStamped(signedData: SignedData, signerInfo: SignerInfo): Stamped {
  const certificate = certificateOfSigner(signedData, signerInfo)
  if (certificate === undefined) throw new AdesRefusal('signature-unreadable', 'its certificate is missing')
  return { certificate, timeStamps: signatureTimeStampsOf(signerInfo).map(readTimeStamp) }
}

function readCounterSigners(signedData: SignedData, value: Uint8Array): readonly Stamped[] {
  const counter = parseCounterSignature(value)
  const further = counterSignatureValuesOf(counter).flatMap(one => readCounterSigners(signedData, one))
  return [readStamped(signedData, counter), ...further]
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

/** Who is not covered by an archive time-stamp. */
export async function openSubjects(history: SignerHistory, platform: Digest): Promise<readonly Subject[]> {
  const subjects = history.covered === undefined ? [...subjectsOf(history)] : []
  for (const { value, signers } of history.counterSignatures)
    if (!(await isCovered(value, history.covered, platform))) subjects.push(...signers.flatMap(subjectsOf))
  return subjects
}

/** 5.5.2: whether the digest of this countersignature is in the index. */
async function isCovered(
  value: Uint8Array,
  index: HashIndex | undefined,
  platform: Digest,
): Promise<boolean> {
  if (index?.digestAlgorithm === undefined) return false
  const digest = await platform.digest(index.digestAlgorithm, concat(oid(OID.counterSignature), value))
  return index.digests.attributeValues.some(one => equal(one, digest))
}

/** The unit of the last archive time-stamp, which nothing covers. */
export function lastUnitOf({ archiveTimeStamps }: SignerHistory): readonly Subject[] {
  return archiveTimeStamps.slice(-1).map(unitOf)
}

function subjectsOf({ certificate, timeStamps }: Stamped): readonly Subject[] {
  const [earliest] = timeStamps.toSorted(byTime)
  const usedBefore = earliest?.generatedAt
  return [{ certificate: certificate.bytes, purpose: 'signing', usedBefore }, ...timeStamps.map(unitOf)]
}

function unitOf({ unit }: TimeStamp): Subject {
  return { certificate: unit.bytes, purpose: 'time-stamping' }
}

/** The certificates that time-stamps bring, DER each. */
export function stampCertificatesIn({ signers }: History): readonly Uint8Array[] {
  return signers
    .flatMap(({ counterSignatures, archiveTimeStamps, ...signer }) => [
      ...archiveTimeStamps,
      ...[signer, ...counterSignatures.flatMap(counter => counter.signers)].flatMap(
        ({ timeStamps }) => timeStamps,
      ),
    ])
    .flatMap(({ certificates }) => certificates)
}
