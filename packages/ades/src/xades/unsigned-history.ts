/**
 * What the unsigned properties of a signature say in their order, and whose validation data it still lacks:
 * EN 319 132-1 V1.3.1, 5.5.1 and 5.5.2.
 *
 * What an archive time-stamp covers together with its validation data is settled for good: nothing about it is asked
 * again, which matters because certificates expire and authorities close.
 */
import { DerError } from '@natsuin/pki/asn1'
import type { Digest } from '@natsuin/pki/platform'
import type { Certificate } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'
import { readTimeStamp, type TimeStamp } from '../time-stamping/read-time-stamp.ts'
import type { Subject } from '../validation-data/collect.ts'
import { isNamed, type XmlElement } from '../xml/node.ts'
import {
  certificatesIn,
  onlyChild,
  type SignatureStructure,
  signerOf,
  structureOf,
} from './signature-structure.ts'
import { ARCHIVE_TIME_STAMP, isTimeStamp, tokensIn } from './time-stamp-properties.ts'
import { isValidationData } from './validation-data-properties.ts'
import { DS, XADES } from './vocabulary.ts'

interface StampedAt extends TimeStamp {
  readonly isArchive: boolean
  /** Among the unsigned properties. */
  readonly position: number
}

interface SignedAt {
  readonly certificates: readonly Uint8Array[]
  readonly signer: Certificate
  /** Among the unsigned properties; before all of them for the signature itself. */
  readonly position: number
  readonly timeStamps: readonly TimeStamp[]
}

/** @throws AdesRefusal `signature-unreadable` */
export async function readHistory(structure: SignatureStructure, platform: Digest): Promise<UnsignedHistory> {
  const { unsigned } = structure
  const timeStamps = unsigned.flatMap(timeStampsAt)
  const own = await signedAt(structure, -1, platform)
  const signatures = [own]
  for (const [position, property] of unsigned.entries()) {
    if (!isNamed(property, [XADES, 'CounterSignature'])) continue
    const nested = structureOf(onlyChild(property, [DS, 'Signature']))
    signatures.push(await signedAt(nested, position, platform))
  }
  return new UnsignedHistory(unsigned, timeStamps, signatures)
}

export class UnsignedHistory {
  readonly properties: readonly XmlElement[]
  readonly #timeStamps: readonly StampedAt[]
  readonly #signatures: readonly SignedAt[]

  constructor(
    properties: readonly XmlElement[],
    timeStamps: readonly StampedAt[],
    signatures: readonly SignedAt[],
  ) {
    this.properties = properties
    this.#timeStamps = timeStamps
    this.#signatures = signatures
  }

  /** Whether there is a time-stamp over the signature value, which B-T has whatever else there is (6.3). */
  get hasTime(): boolean {
    return this.#timeStamps.some(({ isArchive }) => !isArchive)
  }

  /** The last archive time-stamp. */
  get archivedBy(): XmlElement | undefined {
    return this.properties.findLast(isArchive)
  }

  /** The validation data that no archive time-stamp covers. */
  get openData(): readonly XmlElement[] {
    return this.properties.slice(1 + this.properties.findLastIndex(isArchive)).filter(isValidationData)
  }

  /** Whether a signature is open, and no validation data stand behind it. */
  get lacksData(): boolean {
    const data = this.properties.findLastIndex(isValidationData)
    return this.#signatures.some(({ position }) => position >= data && !this.#isSettled(position))
  }

  /** Those whose validation data are still to be collected. */
  subjects(): readonly Subject[] {
    const signatures = this.#signatures.filter(({ position }) => !this.#isSettled(position))
    const timeStamps = this.#timeStamps.filter(({ position }) => !this.#isSettled(position))
    return [
      ...signatures.flatMap(signature => this.#subjectsOf(signature)),
      ...timeStamps.map(({ unit, position }) => unitOf(unit, this.#archivedAfter(position))),
    ]
  }

  /** Where issuers may be found, DER each. */
  certificates(): readonly Uint8Array[] {
    const nested = this.#signatures.flatMap(({ timeStamps }) => timeStamps)
    return [...this.#signatures, ...this.#timeStamps, ...nested].flatMap(({ certificates }) => certificates)
  }

  #subjectsOf({ signer, position, timeStamps }: SignedAt): readonly Subject[] {
    const archivedAt = this.#archivedAfter(position)
    const times = [...timeStamps.map(({ generatedAt }) => generatedAt), ...(archivedAt ? [archivedAt] : [])]
    const usedBefore = times.toSorted((a, b) => a.getTime() - b.getTime())[0]
    const subject = { certificate: signer.bytes, purpose: 'signing' as const, usedBefore }
    // The signature's own are in the list of all time-stamps.
    return position < 0 ? [subject] : [subject, ...timeStamps.map(({ unit }) => unitOf(unit, archivedAt))]
  }

  /** An archive time-stamp with validation data between it and what is asked about. */
  #isSettled(position: number): boolean {
    return this.properties.some(
      (property, i) =>
        i > position && isArchive(property) && this.properties.slice(position + 1, i).some(isValidationData),
    )
  }

  #archivedAfter(position: number): Date | undefined {
    return this.#timeStamps.find(one => one.isArchive && one.position > position)?.generatedAt
  }
}

function isArchive(property: XmlElement): boolean {
  return isNamed(property, ARCHIVE_TIME_STAMP)
}

function unitOf(unit: Certificate, usedBefore: Date | undefined): Subject {
  return { certificate: unit.bytes, purpose: 'time-stamping', usedBefore }
}

function timeStampsAt(property: XmlElement, position: number): readonly StampedAt[] {
  if (!isTimeStamp(property)) return []
  const place = { isArchive: isArchive(property), position }
  return tokensIn(property).map(token => ({ ...place, ...readable(() => readTimeStamp(token)) }))
}

async function signedAt(
  structure: SignatureStructure,
  position: number,
  platform: Digest,
): Promise<SignedAt> {
  const signer = await signerOf(structure, platform)
  const timeStamps = structure.unsigned.flatMap(timeStampsAt)
  return { signer, certificates: certificatesIn(structure), position, timeStamps }
}

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) throw new AdesRefusal('signature-unreadable', error.reason)
    throw error
  }
}
