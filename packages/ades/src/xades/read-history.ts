/** Reads the history of an XML signature out of its unsigned properties: EN 319 132-1 V1.3.1, 5.2.7 and 5.5. */
import type { Digest } from '@natsuin/pki/platform'
import { readable } from '../signing/readable.ts'
import { readTimeStamp } from '../time-stamping/read-time-stamp.ts'
import {
  type SignedAt,
  type StampedAt,
  UnsignedHistory,
  type ValueKind,
} from '../validation-data/unsigned-history.ts'
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

/** @throws AdesRefusal `signature-unreadable` */
export async function readHistory(structure: SignatureStructure, platform: Digest): Promise<UnsignedHistory> {
  const { unsigned } = structure
  const signatures = [await signedAt(structure, -1, platform)]
  for (const [position, property] of unsigned.entries()) {
    if (!isNamed(property, [XADES, 'CounterSignature'])) continue
    const nested = structureOf(onlyChild(property, [DS, 'Signature']))
    signatures.push(await signedAt(nested, position, platform))
  }
  const timeStamps = unsigned.flatMap(timeStampsAt)
  return new UnsignedHistory({ kinds: unsigned.map(kindOf), timeStamps, signatures })
}

function kindOf(property: XmlElement): ValueKind {
  if (isNamed(property, ARCHIVE_TIME_STAMP)) return 'archive-time-stamp'
  return isValidationData(property) ? 'validation-data' : 'other'
}

function timeStampsAt(property: XmlElement, position: number): readonly StampedAt[] {
  if (!isTimeStamp(property)) return []
  const place = { isArchive: isNamed(property, ARCHIVE_TIME_STAMP), position }
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
