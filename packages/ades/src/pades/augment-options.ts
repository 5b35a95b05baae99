/** What it takes to raise the signatures of a document: time-stamps, trust, and somebody who knows of revocations. */
import type { Platform } from '@natsuin/pki/platform'
import type { OpenPdfOptions } from '../pdf/document.ts'
import type { TimeStampSource } from '../time-stamping/first-time-stamp.ts'
import type { RevocationSource } from '../validation-data/revocation-source.ts'

export interface AugmentPadesOptions extends OpenPdfOptions {
  readonly platform: Platform
  /** The time at which certificates shall be valid and revocation information current: now. */
  readonly at: Date
  /** Gets a time-stamp; asked for B-T and B-LTA. `timeStampBy` makes one. */
  readonly timeStamp?: TimeStampSource
  /** The largest time-stamp token to be expected, in bytes. Unless it is said, the authority is asked for one token more. */
  readonly timeStampTokenBytes?: number
  /** For B-LT and B-LTA: where the paths of all certificates shall end, DER each. */
  readonly trustAnchors?: readonly Uint8Array[]
  /**
   * For whose sake: of all signatures of the document (unless it is said), or of the last alone, because an earlier
   * one can no longer be made to last.
   */
  readonly signatures?: 'all' | 'last'
  /** For B-LT and B-LTA: where issuers may be found beside the document itself, DER each. */
  readonly untrusted?: readonly Uint8Array[]
  /** For B-LT and B-LTA: what says whether certificates are revoked. */
  readonly revocation?: RevocationSource
}
