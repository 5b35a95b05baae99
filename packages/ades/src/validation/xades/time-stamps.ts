/**
 * Which time-stamps in a signature hold: EN 319 102-1 V1.4.1, 5.4, 5.5 and 5.6.2; EN 319 132-1 V1.3.1, 5.3 and 5.5.2.3.
 *
 * From the outermost to the innermost: what one proves is the time at which the next is judged. One that does not hold
 * proves nothing, and what it covers is judged as if it were not there.
 */
import type { Digest } from '@natsuin/pki/platform'
import { type Canonicalisation, canonicalise } from '../../xml/canonicalise.ts'
import { isNamed, type XmlElement } from '../../xml/node.ts'
import type { Trust } from '../certificate-chain.ts'
import { type JudgedTimeStamp, judgeToken, unlessEnded } from '../signature-time-stamp.ts'
import { firstToHold, type OwnTimeStamp, provenBy, revocationProblemOfStamp } from '../stamps-around.ts'
import { tstInfoIn } from '../tst-info-in.ts'
import { canonicalisationIn } from './canonical.ts'
import type { CheckedReferences } from './check-references.ts'
import { feed } from './octets.ts'
import {
  bytesIn,
  childrenOf,
  DS,
  malformed,
  partsIn,
  type SignatureParts,
  XADES,
  XADES141,
} from './signature-parts.ts'
import { contentOf, DEFAULT } from './signed-content.ts'
import { dataIn } from './unsigned-data.ts'

export interface StampedSignature {
  readonly parts: SignatureParts
  readonly signed: CheckedReferences
  /** Where issuers may be found, DER each. */
  readonly certificates: readonly Uint8Array[]
}

export interface HoldingTimeStamp extends JudgedTimeStamp {
  /** Among the unsigned properties: it covers those before it. */
  readonly position: number
}

export interface JudgedTimeStamps {
  /** The oldest first. */
  readonly holding: readonly HoldingTimeStamp[]
  readonly problems: readonly string[]
}

const OWN = [XADES, 'SignatureTimeStamp'] as const
const ARCHIVE = [XADES141, 'ArchiveTimeStamp'] as const

export function isTimeStamp(property: XmlElement): boolean {
  return isNamed(property, OWN) || isNamed(property, ARCHIVE)
}

export async function judgeArchiveTimeStamps(
  stamped: StampedSignature,
  trust: Trust,
): Promise<JudgedTimeStamps> {
  const holding: HoldingTimeStamp[] = []
  const problems: string[] = []
  const { unsigned } = stamped.parts
  for (const [position, property] of [...unsigned.entries()].toReversed()) {
    if (!isNamed(property, ARCHIVE)) continue
    const judged = await judgeArchive(property, position, stamped, { trust, outer: holding[0] })
    if (typeof judged === 'string') problems.unshift(judged)
    else holding.unshift({ ...judged, position })
  }
  return { holding, problems }
}

interface Circumstances {
  readonly trust: Trust
  /** The next one around it that holds. */
  readonly outer: HoldingTimeStamp | undefined
}

async function judgeArchive(
  property: XmlElement,
  position: number,
  { parts, signed, certificates }: StampedSignature,
  { trust, outer }: Circumstances,
): Promise<JudgedTimeStamp | string> {
  const proven = provenBy(outer, trust)
  const judged = await judgeProperty(property, certificates, proven, (digest, canonicalisation) =>
    digestArchived({ parts, signed, position, canonicalisation }, digest),
  )
  if (typeof judged === 'string') return judged
  const data = dataIn(parts.unsigned.slice(0, outer?.position))
  return (await revocationProblemOfStamp(judged, { data, outer, trust })) ?? judged
}

/** Those that cover the unsigned property at a position, the oldest first. */
export function covering(
  holding: readonly HoldingTimeStamp[],
  position: number,
): readonly HoldingTimeStamp[] {
  return holding.filter(stamp => stamp.position > position)
}

interface Covered {
  /** The archive time-stamps of the signature that hold, the oldest first. */
  readonly holding: readonly HoldingTimeStamp[]
  /** Those of the signature around it that cover the whole of it. */
  readonly outside: readonly HoldingTimeStamp[]
}

/** The time-stamps over the signature value. */
export function judgeSignatureTimeStamps(
  { parts, certificates }: StampedSignature,
  { holding, outside }: Covered,
  trust: Trust,
): Promise<OwnTimeStamp> {
  const fill: Fill = async (digest, canonicalisation) =>
    digest.update(canonicalise(parts.signatureValue, canonicalisation))
  const timeStamps = [...parts.unsigned.entries()]
    .filter(([, property]) => isNamed(property, OWN))
    .map(([position, property]) => ({
      around: [...covering(holding, position), ...outside],
      judge: (proven: Trust) => judgeProperty(property, certificates, proven, fill),
    }))
  return firstToHold(timeStamps, trust)
}

type Fill = (digest: ReturnType<Digest['stream']>, canonicalisation: Canonicalisation) => Promise<void>

/** What is wrong with the only token of the property, or that it holds. */
async function judgeProperty(
  property: XmlElement,
  certificates: readonly Uint8Array[],
  trust: Trust,
  fill: Fill,
): Promise<JudgedTimeStamp | string> {
  const judged = await unlessEnded(async () => {
    const { token, canonicalisation } = partsOfTimeStamp(property)
    const algorithm = tstInfoIn(token)?.imprint.digestAlgorithm
    if (algorithm === undefined) return { problem: 'imprint-algorithm-unsupported' }
    const stream = trust.platform.stream(algorithm)
    await fill(stream, canonicalisation)
    const held = await judgeToken(token, { digest: stream.finish() }, certificates, trust)
    return typeof held === 'string' ? { problem: held } : held
  })
  if (typeof judged === 'string') return judged
  return 'problem' in judged ? judged.problem : judged
}

/** GenericTimeStampType (5.1.4.3) as far as the implicit mechanism goes: no Include, one token of RFC 3161. */
function partsOfTimeStamp(property: XmlElement): { token: Uint8Array; canonicalisation: Canonicalisation } {
  const [method] = childrenOf(property, [DS, 'CanonicalizationMethod'])
  const [encapsulated, ...more] = childrenOf(property, [XADES, 'EncapsulatedTimeStamp'])
  const count = method === undefined ? 1 : 2
  if (encapsulated === undefined || more.length > 0 || partsIn(property).length !== count)
    throw malformed(property.localName)
  const canonicalisation = method === undefined ? DEFAULT : canonicalisationIn(method)
  if (canonicalisation === undefined) throw malformed('canonicalisation of a time-stamp')
  return { token: bytesIn(encapsulated), canonicalisation }
}

interface Archived {
  readonly parts: SignatureParts
  readonly signed: CheckedReferences
  readonly position: number
  readonly canonicalisation: Canonicalisation
}

/** 5.5.2.3. */
async function digestArchived(
  { parts, signed, position, canonicalisation }: Archived,
  digest: ReturnType<Digest['stream']>,
): Promise<void> {
  for (const reference of childrenOf(parts.signedInfo, [DS, 'Reference'])) {
    await feed(contentOf(reference, parts, signed, canonicalisation), digest)
  }
  const { signedInfo, signatureValue, keyInfo, unsigned, objects } = parts
  const others = [signedInfo, signatureValue, keyInfo, ...unsigned.slice(0, position), ...objects]
  for (const one of others) if (one !== undefined) digest.update(canonicalise(one, canonicalisation))
}
