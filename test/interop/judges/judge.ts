/** What a judge is, what it is asked and what it answers: one line of JSON each, the same for all judges. */
import type { BaselineLevel } from '@natsuin/ades/pades'
import type { Cell, Format } from '../cells/cell.ts'

export interface Judge {
  readonly name: string
  /** The release that is set up. */
  readonly version: string
  /** What it is asked about, for the page. */
  readonly judges: string
  /** Whether it is asked about the cell. */
  readonly isAsked: (cell: Cell) => boolean
  /** What starts it, once it is set up below the folder. */
  readonly command: (home: string) => readonly string[]
  /** Whether this is what the judge says of a good signature of the cell. */
  readonly accepts: (finding: Finding, cell: Cell) => boolean
  /** The judge's own words. */
  readonly word: (finding: Finding) => string
  readonly limits: readonly Limit[]
}

/** What a judge does not judge, known and looked at each time: when it learns to, the run says so. */
export interface Limit {
  readonly applies: (cell: Cell) => boolean
  /** What it says then. */
  readonly says: RegExp
  readonly why: string
}

export interface Question {
  readonly id: string
  readonly format: Format
  /** What is claimed; a judge that detects the level itself does not look at it. */
  readonly level: BaselineLevel
  readonly path: string
  /** Paths of what a detached signature is about, under the names that it has for them. */
  readonly detached: readonly string[]
  /** Paths of DER certificates that are trusted. */
  readonly anchors: readonly string[]
  /** Paths of DER certificates of time-stamping units. */
  readonly units: readonly string[]
  /** The time of the judgement, as `toISOString` writes it. */
  readonly at: string
  /** Paths of what is known of revocations beside the document, DER. */
  readonly ocsp: readonly string[]
  readonly crl: readonly string[]
  readonly password?: string
}

/** What a judge found about one signature; which members there are depends on the judge. */
export interface Finding {
  readonly indication: string
  readonly subIndication: string | null
  readonly errors: readonly string[]
  /** DSS: the format and level that it detected, and whether digests and signature value are right. */
  readonly level?: string
  readonly intact?: boolean
  /** digidoc4j: whether it has nothing against the container or any signature in it. */
  readonly validContainer?: boolean
  /** pyHanko, of PDF: what the signature covers, and whether it allows what was appended later. */
  readonly coverage?: string
  readonly changesAllowed?: boolean
  /** pyHanko, of PDF: whether it read the file as strictly as it can. */
  readonly strict?: boolean
  /** pyHanko, of PDF: whether a later document time-stamp that is valid proves when all of it existed. */
  readonly archived?: boolean
}

export interface Answer {
  readonly id: string
  readonly signatures?: readonly Finding[]
  /** The judge's own words when it could not judge at all. */
  readonly cannot?: string
}
