/** Whom a verifier trusts and when it judges, whatever the format. */
import type { Platform } from '@natsuin/pki/platform'

export interface VerifyOptions {
  readonly platform: Platform
  /** Certificates that are trusted, DER each; nothing in the document adds to them. */
  readonly trustAnchors: readonly Uint8Array[]
  /**
   * The time at which the verifier judges. Without it only a time-stamp can give a time, and a signature without
   * one is INDETERMINATE / NO_POE.
   */
  readonly at?: Date
}
