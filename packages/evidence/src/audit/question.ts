/** What a verifier of an export is asked: the logs as they were taken away, the pin, and what is known from elsewhere. */
import type { Platform } from '@natsuin/pki/platform'
import type { LogName } from '@natsuin/protocol/log'

/** One log of an export. */
export interface ExportedLog {
  /** `state`, or `activity/` and the name of a SAM. */
  readonly name: LogName
  /** C2SP tlog-checkpoint: the signed head that the leaves lead to. */
  readonly checkpoint: string
  /** As they were logged, from the first one on. */
  readonly leaves: AsyncIterable<Uint8Array>
  /**
   * Roots of the complete blocks of 256 leaves. Not needed to see that something was changed: they are under the head
   * themselves, and so say where.
   */
  readonly blocks?: readonly Uint8Array[]
}

export interface AuditQuestion {
  /** DER SubjectPublicKeyInfo; genuine only if its SHA-256 is the pin. */
  readonly samKey: Uint8Array
  /** The pin: SHA-256 of the SAM key's DER SubjectPublicKeyInfo, lower-case hexadecimal. */
  readonly samKeyDigest: string
  readonly logs: readonly ExportedLog[]
  /** Checkpoints that somebody kept, of any of the logs: those that they are must go on from there. */
  readonly kept?: readonly string[]
  /** Witnesses whom the verifier knows, as verifier keys (C2SP signed-note), and how many must have cosigned: all, by default. */
  readonly witnesses?: { readonly vkeys: readonly string[]; readonly quorum?: number }
  readonly platform: Platform
}
