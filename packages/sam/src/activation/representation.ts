/**
 * What the key signs for each digest that was approved: a DTBS/R as it is; of a document the one that is made now, by the
 * SAM or, where the checks let it, by `server` (sole-control 4).
 */
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { digestSync } from '@natsuin/pki/node'
import type { MadeRepresentation } from '@natsuin/protocol/evidence'
import { commitmentText, documentCommitmentText } from '@natsuin/protocol/log'
import type {
  AskedRepresentation,
  PreparedDocument,
  SapResponse,
  TemplateDocument,
} from '@natsuin/protocol/sap'
import type { ApprovedDigest } from '../sad/active-sad.ts'
import { isPrepared } from '../sad/prepared.ts'
import { type Signing, templateAttributes } from './template-attributes.ts'

export interface Representation {
  readonly dtbsr: Uint8Array
  /** Its preimage, if it is known. */
  readonly dtbs: Uint8Array | undefined
  /** Of a document: what was approved, and what was made of it by whom. */
  readonly made: MadeRepresentation | undefined
}

/** @param asked  what the checks found `approved` for */
export function represent(
  { dtbs }: ApprovedDigest,
  asked: AskedRepresentation,
  signing: Signing,
): Representation {
  if (asked instanceof Uint8Array) return { dtbsr: asked, dtbs, made: undefined }
  return isPrepared(asked) ? preparedByServer(asked) : madeFromTemplate(asked, signing)
}

function preparedByServer({ dtbsr, ...document }: PreparedDocument): Representation {
  return { dtbsr, dtbs: document.dtbs, made: { madeBy: 'server', ...document } }
}

function madeFromTemplate(document: TemplateDocument, signing: Signing): Representation {
  const { hashType, documentDigest } = document
  const signedAttributes = templateAttributes(document, signing)
  return {
    dtbsr: digestSync(signatureAlgorithms[signing.algorithm].digest, signedAttributes),
    dtbs: signedAttributes,
    made: { madeBy: 'sam', hashType, documentDigest, signedAttributes },
  }
}

/** What the log says of it: of a document both what was approved and what is signed. */
export const commitmentOf = (
  nonce: Uint8Array,
  { dtbsr, made }: Pick<Representation, 'dtbsr' | 'made'>,
): Uint8Array =>
  made === undefined ? commitmentText(nonce, dtbsr) : documentCommitmentText(nonce, { ...made, dtbsr })

/** A representation that was made, at its place among those of its activation: as it is kept for retries and evidence. */
export interface KeptRepresentation {
  readonly index: number
  readonly dtbsr: Uint8Array
  readonly made: MadeRepresentation
}

export const keptRepresentations = (all: readonly Representation[]): readonly KeptRepresentation[] =>
  all.flatMap(({ dtbsr, made }, index) => (made === undefined ? [] : [{ index, dtbsr, made }]))

/** What whoever asked for the signatures cannot know of himself. */
export function answered(kept: readonly KeptRepresentation[]): Pick<SapResponse<'sign'>, 'made'> {
  const made = kept.flatMap(({ index, made: one }) =>
    one.madeBy === 'sam' ? [{ index, signedAttributes: one.signedAttributes }] : [],
  )
  return made.length === 0 ? {} : { made }
}
