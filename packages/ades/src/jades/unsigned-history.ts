/**
 * What the unsigned values of a signature say in their order, and whose validation data it still lacks: TS 119 182-1
 * V1.2.1, 5.3.5, 5.3.6 and 6.3.
 *
 * What an archive time-stamp covers together with its validation data is settled for good: nothing about it is asked
 * again, which matters because certificates expire and authorities close.
 */
import { DerError } from '@natsuin/pki/asn1'
import { fromBase64 } from '@natsuin/pki/encoding'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'
import { readTimeStamp, type TimeStamp } from '../time-stamping/read-time-stamp.ts'
import type { Subject } from '../validation-data/collect.ts'
import { asList, asText } from './json-values.ts'
import { decodedObject, type JwsSignature, readJws } from './jws.ts'
import { isValidationData, readUnsigned, tokensIn, type UnsignedValue } from './unsigned-values.ts'

interface StampedAt extends TimeStamp {
  readonly kind: 'signature' | 'archive'
  /** Where in etsiU. */
  readonly position: number
}

interface SignedAt {
  readonly certificates: readonly Uint8Array[]
  readonly signer: Certificate
  /** Where in etsiU; before all of it for the signature itself. */
  readonly position: number
  /** Its own, in its own etsiU. */
  readonly timeStamps: readonly TimeStamp[]
}

export class UnsignedHistory {
  readonly values: readonly UnsignedValue[]
  /** Whose signature it is. */
  readonly signer: Certificate
  readonly #timeStamps: readonly StampedAt[]
  readonly #signatures: readonly SignedAt[]

  /** @throws AdesRefusal `signature-unreadable` */
  constructor(signature: JwsSignature) {
    this.values = signature.etsiU.map(readUnsigned)
    this.#timeStamps = this.values.flatMap(timeStampsAt)
    const stamps = this.#timeStamps.filter(({ kind }) => kind === 'signature')
    const own = signedAt(signature, -1, stamps)
    this.signer = own.signer
    this.#signatures = [own, ...this.values.flatMap(counterSignaturesAt)]
  }

  /** Whether there is a time-stamp over the signature value, which B-T has whatever else there is (6.3). */
  get hasTime(): boolean {
    return this.#timeStamps.some(({ kind }) => kind === 'signature')
  }

  /** Whether an archive time-stamp protects anything. */
  get isArchived(): boolean {
    return this.#timeStamps.some(({ kind }) => kind === 'archive')
  }

  /** Where the values begin that no archive time-stamp covers. */
  get unprotectedFrom(): number {
    return 1 + this.values.findLastIndex(({ name }) => name === 'arcTst')
  }

  /** Whether a signature is open, and no validation data stand behind it. */
  get lacksData(): boolean {
    const data = this.values.findLastIndex(isValidationData)
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
    const brought = [...this.#signatures, ...this.#timeStamps].flatMap(({ certificates }) => certificates)
    const nested = this.#signatures.flatMap(({ timeStamps }) => timeStamps)
    return [...brought, ...nested.flatMap(({ certificates }) => certificates)]
  }

  #subjectsOf({ signer, position, timeStamps }: SignedAt): readonly Subject[] {
    const archivedAt = this.#archivedAfter(position)
    const times = [...timeStamps.map(({ generatedAt }) => generatedAt), ...(archivedAt ? [archivedAt] : [])]
    const usedBefore = times.sort((a, b) => a.getTime() - b.getTime())[0]
    const subject = { certificate: signer.bytes, purpose: 'signing' as const, usedBefore }
    // The signature's own are in the list of all time-stamps.
    return position < 0 ? [subject] : [subject, ...timeStamps.map(({ unit }) => unitOf(unit, archivedAt))]
  }

  /** An archive time-stamp with validation data between it and what is asked about. */
  #isSettled(position: number): boolean {
    return this.values.some(
      ({ name }, i) =>
        name === 'arcTst' && i > position && this.values.slice(position + 1, i).some(isValidationData),
    )
  }

  #archivedAfter(position: number): Date | undefined {
    return this.#timeStamps.find(one => one.kind === 'archive' && one.position > position)?.generatedAt
  }
}

function unitOf(unit: Certificate, usedBefore: Date | undefined): Subject {
  return { certificate: unit.bytes, purpose: 'time-stamping', usedBefore }
}

const TIME_STAMPS: ReadonlyMap<string, StampedAt['kind']> = new Map([
  ['sigTst', 'signature'],
  ['arcTst', 'archive'],
])

function timeStampsAt({ name, value }: UnsignedValue, position: number): readonly StampedAt[] {
  const kind = TIME_STAMPS.get(name)
  if (kind === undefined) return []
  return tokensIn(value).map(token => ({ kind, position, ...readable(() => readTimeStamp(token)) }))
}

/** 5.3.2: one signature, in compact form or in JSON. */
function counterSignaturesAt({ name, value }: UnsignedValue, position: number): readonly SignedAt[] {
  if (name !== 'cSig') return []
  const { signatures } = readJws(typeof value === 'string' ? value : JSON.stringify(value))
  return signatures.map(signature => {
    const timeStamps = signature.etsiU.map(readUnsigned).flatMap(timeStampsAt)
    return signedAt(signature, position, timeStamps)
  })
}

function signedAt(signature: JwsSignature, position: number, timeStamps: readonly TimeStamp[]): SignedAt {
  const chain = asList(decodedObject(signature.protected)['x5c'] ?? []).map(asText)
  const certificates = chain.map(text => fromBase64(text) ?? new Uint8Array())
  const [own = new Uint8Array()] = certificates
  return { signer: readable(() => parseCertificate(own)), certificates, position, timeStamps }
}

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) throw new AdesRefusal('signature-unreadable', error.reason)
    throw error
  }
}
