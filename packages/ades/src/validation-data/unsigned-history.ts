/**
 * What the unsigned values of a signature say in their order, and whose validation data it still lacks, in the formats
 * that keep them in one list (TS 119 182-1 V1.2.1, 5.3.5 and 5.3.6; EN 319 132-1 V1.3.1, 5.5.1 and 5.5.2).
 *
 * What an archive time-stamp covers together with its validation data is settled for good: nothing about it is asked
 * again, which matters because certificates expire and authorities close.
 */
import type { Certificate } from '@natsuin/pki/x509'
import type { TimeStamp } from '../time-stamping/read-time-stamp.ts'
import type { Subject } from './collect.ts'

/** What one of the values is, as far as it decides what is settled. */
export type ValueKind = 'archive-time-stamp' | 'validation-data' | 'other'

export interface StampedAt extends TimeStamp {
  readonly isArchive: boolean
  /** Among the unsigned values. */
  readonly position: number
}

export interface SignedAt {
  readonly certificates: readonly Uint8Array[]
  readonly signer: Certificate
  /** Among the unsigned values; before all of them for the signature itself. */
  readonly position: number
  /** Its own, among its own unsigned values. */
  readonly timeStamps: readonly TimeStamp[]
}

export interface Unsigned {
  /** Of each value, in their order. */
  readonly kinds: readonly ValueKind[]
  readonly timeStamps: readonly StampedAt[]
  /** The signature itself, and its counter-signatures. */
  readonly signatures: readonly SignedAt[]
}

export class UnsignedHistory {
  readonly #kinds: readonly ValueKind[]
  readonly #timeStamps: readonly StampedAt[]
  readonly #signatures: readonly SignedAt[]

  constructor({ kinds, timeStamps, signatures }: Unsigned) {
    this.#kinds = kinds
    this.#timeStamps = timeStamps
    this.#signatures = signatures
  }

  /** Whether there is a time-stamp over the signature value, which B-T has whatever else there is (6.3 of both). */
  get hasTime(): boolean {
    return this.#timeStamps.some(({ isArchive }) => !isArchive)
  }

  /** Whether an archive time-stamp protects anything. */
  get isArchived(): boolean {
    return this.unprotectedFrom > 0
  }

  /** Where the values begin that no archive time-stamp covers. */
  get unprotectedFrom(): number {
    return 1 + this.#kinds.lastIndexOf('archive-time-stamp')
  }

  /** Whether a signature is open, and no validation data stand behind it. */
  get lacksData(): boolean {
    const data = this.#kinds.lastIndexOf('validation-data')
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
    const data = this.#kinds.indexOf('validation-data', position + 1)
    return data >= 0 && this.#kinds.includes('archive-time-stamp', data)
  }

  #archivedAfter(position: number): Date | undefined {
    return this.#timeStamps.find(one => one.isArchive && one.position > position)?.generatedAt
  }
}

function unitOf(unit: Certificate, usedBefore: Date | undefined): Subject {
  return { certificate: unit.bytes, purpose: 'time-stamping', usedBefore }
}
