/** What a format does in the thread, in the two steps of `ades`. */
import type { Clock } from '../../clock.ts'
import type { DocumentTask, MadeSignature, PreparedDocument } from '../task.ts'

/** What the second step goes on from. */
export interface Completion {
  readonly prepared: PreparedDocument
  readonly made: MadeSignature
  /** When certificates are looked at for what lasts. */
  readonly clock: Clock
}

export interface DocumentFormat {
  prepare(task: DocumentTask): Promise<PreparedDocument>
  /** Writes what was made to `task.outputPath`. */
  complete(task: DocumentTask, completion: Completion): Promise<void>
}

/** Who signs, as every format of `ades` asks for it. */
export function signerOf({ signingCertificate, chain, signatureAlgorithm }: DocumentTask) {
  return { signingCertificate, chain, signatureAlgorithm }
}
