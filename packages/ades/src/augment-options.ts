/** What it takes to raise a signature to a higher level, whatever its format. */
import type { Platform } from '@natsuin/pki/platform'
import type { TimeStampSource } from './time-stamping/first-time-stamp.ts'
import type { RevocationSource } from './validation-data/revocation-source.ts'

export interface AugmentOptions {
  readonly platform: Platform
  /** The time at which certificates shall be valid and revocation information current: now. */
  readonly at: Date
  /** Gets a time-stamp; asked for B-T and B-LTA. `timeStampBy` makes one. */
  readonly timeStamp?: TimeStampSource
  /** For B-LT and B-LTA: where the paths of all certificates shall end, DER each. */
  readonly trustAnchors?: readonly Uint8Array[]
  /** For B-LT and B-LTA: where issuers may be found beside the signatures themselves, DER each. */
  readonly untrusted?: readonly Uint8Array[]
  /** For B-LT and B-LTA: what says whether certificates are revoked. */
  readonly revocation?: RevocationSource
}
