/** What a format does in the thread, in the two steps of `ades`. */
import type { DocumentTask, MadeSignature, PreparedDocument } from '../task.ts'

export interface DocumentFormat {
  prepare(task: DocumentTask): Promise<PreparedDocument>
  /** Writes what was made to `task.outputPath`. */
  complete(task: DocumentTask, prepared: PreparedDocument, made: MadeSignature): Promise<void>
}

/** Who signs, as every format of `ades` asks for it. */
export function signerOf({ signingCertificate, chain, signatureAlgorithm }: DocumentTask) {
  return { signingCertificate, chain, signatureAlgorithm }
}
