/** What it takes to raise the signatures of a document: time-stamps, trust, and somebody who knows of revocations. */
import type { AugmentOptions } from '../augment-options.ts'
import type { OpenPdfOptions } from '../pdf/document.ts'

export interface AugmentPadesOptions extends OpenPdfOptions, AugmentOptions {
  /** The largest time-stamp token to be expected, in bytes. Unless it is said, the authority is asked for one token more. */
  readonly timeStampTokenBytes?: number
  /**
   * For whose sake: of all signatures of the document (unless it is said), or of the last alone, because an earlier
   * one can no longer be made to last.
   */
  readonly signatures?: 'all' | 'last'
}
