/** A cell of the table: one signature of ours, made one way, that independent judges are asked about. */
import type { BaselineLevel } from '@natsuin/ades/pades'
import type { RevocationInfo } from '@natsuin/ades/validation-data'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'

export type Format = 'PAdES' | 'CAdES' | 'JAdES' | 'XAdES' | 'ASiC with CAdES' | 'ASiC with XAdES'

export interface Cell {
  readonly format: Format
  /** Of ASiC: which. */
  readonly container?: 'ASiC-S' | 'ASiC-E'
  /** What is special about it, in a few words. */
  readonly what: string
  readonly level: BaselineLevel
  readonly algorithm: SignatureAlgorithm
  /** How many signatures judges have to find; each of them has to pass. Others than the newest may be strangers'. */
  readonly signatures: number | 'the newest'
  /** Whether nothing but document time-stamps tells the time of the signature. */
  readonly stampedByDocument?: boolean
  /** Whether it is judged years later: a judge whose clock nobody sets is not asked. */
  readonly later?: boolean
  /** A judge that accepts everything would be none: some cells must be refused. */
  readonly expected: 'accepted' | 'refused'
  readonly make: () => Promise<Specimen>
}

/** What is handed to the judges. */
export interface Specimen {
  readonly bytes: Uint8Array
  /** With the dot. */
  readonly extension: string
  /** What a detached signature is about, by the names that the signature has for it. */
  readonly detached?: Readonly<Record<string, Uint8Array>>
  /** When it is judged. */
  readonly at: Date
  /** DER. */
  readonly anchors: readonly Uint8Array[]
  /** The time-stamping units, DER: one judge wants them in the list of what is trusted. */
  readonly units: readonly Uint8Array[]
  /** What is known of revocations beside the document. */
  readonly status: readonly RevocationInfo[]
  readonly password?: string
}
