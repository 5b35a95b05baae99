/**
 * Where a digest was approved and the DTBS/R made of it afterwards: that the SAM made it of this digest and the signer's
 * certificate, and of nothing else; or that below level 3 `server` made it, whose word that is.
 */
import {
  digestAlgorithms,
  keyTypes,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from '@natsuin/pki/algorithms'
import { DerError } from '@natsuin/pki/asn1'
import { parseSignedAttributes } from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { Evidence, MadeRepresentation } from '@natsuin/protocol/evidence'
import type { KeyAttestation } from '@natsuin/protocol/issuance'
import { BrokenLink, type Connection, demand } from '../verdict.ts'
import { derivedAttributes } from './derived-attributes.ts'
import type { IncludedLeaves } from './logs.ts'

export interface Making {
  readonly attestation: Pick<KeyAttestation, 'keyType' | 'level'>
  /** DER, of the signer. */
  readonly certificate: Uint8Array
  readonly leaves: { readonly [L in 'sadAccepted' | 'completed']: Pick<IncludedLeaves[L], 'at'> }
  readonly platform: Digest
}

/** How what was signed comes of what was approved. */
export async function checkMade(
  { made, dtbsr }: Pick<Evidence['activation'], 'made' | 'dtbsr'>,
  making: Making,
): Promise<Connection> {
  if (made === undefined) return 'approved'
  if (made.madeBy === 'sam') return checkDerived(made, dtbsr, making)
  const { level } = making.attestation
  demand(level < 3, 'representation-refused', 'at level 3 the SAM makes what is signed for a document')
  return 'prepared'
}

type MadeBySam = Extract<MadeRepresentation, { madeBy: 'sam' }>

async function checkDerived(
  { documentDigest, signedAttributes }: MadeBySam,
  dtbsr: Uint8Array,
  { attestation, certificate, leaves, platform }: Making,
): Promise<Connection> {
  const signingTime = signingTimeIn(signedAttributes)
  if (signingTime !== undefined) checkTime(signingTime, leaves)
  for (const algorithm of algorithmsOf(attestation, dtbsr)) {
    const origin = { documentDigest, certificate, algorithm, signingTime }
    const derived = await derivedAttributes(origin, platform)
    const digest = await platform.digest(signatureAlgorithms[algorithm].digest, derived)
    if (equal(derived, signedAttributes) && equal(digest, dtbsr)) return 'derived'
  }
  throw new BrokenLink('representation-differs', 'what was signed does not follow from the approved digest')
}

/** Those that the key may have signed with: the digest's length tells which algorithm it is by. */
const algorithmsOf = (
  { keyType }: Pick<KeyAttestation, 'keyType'>,
  dtbsr: Uint8Array,
): readonly SignatureAlgorithm[] =>
  keyTypes[keyType].signs.filter(
    name => digestAlgorithms[signatureAlgorithms[name].digest].size === dtbsr.length,
  )

function signingTimeIn(signedAttributes: Uint8Array): Date | undefined {
  try {
    return parseSignedAttributes(signedAttributes).signingTime
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw new BrokenLink('representation-differs', error.message)
  }
}

/** It is the SAM's, in whole seconds: after the approval was accepted, and before the signature was completed. */
function checkTime(signingTime: Date, { sadAccepted, completed }: Making['leaves']): void {
  const at = signingTime.getTime()
  const within = at > sadAccepted.at - 1000 && at <= completed.at
  demand(within, 'representation-differs', 'the signing time is not that of the activation')
}
