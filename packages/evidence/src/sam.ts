/** The SAM as the verifier knows it by now: its pinned key, and the roster that its first log record fixes. */
import type { Platform } from '@natsuin/pki/platform'
import type { Roster } from '@natsuin/protocol/genesis'

export interface Sam {
  /** DER SubjectPublicKeyInfo. */
  readonly key: Uint8Array
  readonly roster: Roster
  readonly platform: Platform
}
