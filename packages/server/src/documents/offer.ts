/**
 * Which signatures `signatures/signDoc` makes, in one table: `info` announces it and requests are read by it, so that nothing
 * is announced that is not done. CSC API v2.0.0.2, 11.11, with its values for signed_envelope_property.
 *
 * What a format means by its levels is in `ades`. From a digest less can be made than from a document: nothing goes around
 * what is not there, and no time-stamp goes over it.
 */
import { BASELINE_LEVELS, type BaselineLevel } from '@natsuin/ades/pades'

export type SignatureFormat = 'C' | 'X' | 'P' | 'J'

/** `document`: the signature comes back with the document in one. `signature`: it comes alone. */
export type Outcome = 'document' | 'signature'

interface Offer {
  /** What becomes of it from a document, by signed_envelope_property; the first one is meant when none is said. */
  readonly documents: Readonly<Record<string, Outcome>>
  /** From a digest everything comes alone. The first one is meant when none is said. */
  readonly digests: readonly string[]
  /** The highest level that can be reached from a digest. */
  readonly highestOfDigest: BaselineLevel
}

const OFFERS: Readonly<Record<SignatureFormat, Offer>> = {
  /** `Parallel`: the document is a signature with its content, and a signer is put beside those that it has. */
  C: {
    documents: { Attached: 'document', Detached: 'signature', Parallel: 'document' },
    digests: ['Detached'],
    highestOfDigest: 'B-LT',
  },
  X: {
    documents: { Enveloped: 'document', Enveloping: 'document', Detached: 'signature' },
    digests: ['Detached'],
    highestOfDigest: 'B-LT',
  },
  /** What certifies and what does not is in the document that the client prepared: the signature is the same. */
  P: {
    documents: { Certification: 'document', Revision: 'document' },
    digests: ['Certification', 'Revision'],
    highestOfDigest: 'B-LT',
  },
  J: {
    documents: { Attached: 'document', Detached: 'signature', Parallel: 'document' },
    digests: ['Detached'],
    highestOfDigest: 'B-LT',
  },
}

// Object.keys forgets the names of a Record that is exhaustive by construction.
export const FORMATS = Object.keys(OFFERS) as readonly SignatureFormat[]

export const envelopesOf = (format: SignatureFormat): readonly string[] =>
  Object.keys(OFFERS[format].documents)

export interface Envelope {
  readonly name: string
  readonly outcome: Outcome
}

/** @param name  empty for the default @returns undefined when there is no such thing */
export function envelopeOf(
  format: SignatureFormat,
  from: 'document' | 'digest',
  name: string,
): Envelope | undefined {
  const { documents, digests } = OFFERS[format]
  const names = from === 'document' ? envelopesOf(format) : digests
  const meant = name === '' ? names[0] : names.find(one => one === name)
  if (meant === undefined) return undefined
  const outcome = from === 'document' ? documents[meant] : 'signature'
  return outcome && { name: meant, outcome }
}

export function isReachable(
  format: SignatureFormat,
  from: 'document' | 'digest',
  level: BaselineLevel,
): boolean {
  const highest = from === 'document' ? 'B-LTA' : OFFERS[format].highestOfDigest
  return BASELINE_LEVELS.indexOf(level) <= BASELINE_LEVELS.indexOf(highest)
}

/** As the standard's text spells them in its default and samples; the older names are understood. */
export const CONFORMANCE_LEVELS = BASELINE_LEVELS.map(level => `AdES-${level}`)

const LEVEL = /^ades-(?:b-)?(b|t|lt|lta)$/i

/** In either case, and without the `B-` of the baseline (11.11). */
export function levelNamed(name: string): BaselineLevel | undefined {
  const step = LEVEL.exec(name)?.[1]?.toUpperCase()
  return BASELINE_LEVELS.find(level => level === `B-${step}`)
}
