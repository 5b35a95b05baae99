/** What a format does in the thread, in the two steps of `ades`. */
import type { ByteSource } from '@natsuin/ades/cades'
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import type { Clock } from '../../clock.ts'
import { digestOfFile, withFile } from '../files.ts'
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

/** Gives the document itself; nothing where only its digest is known. */
export function onSource<T>({ source }: DocumentTask, work: (file?: ByteSource) => Promise<T>): Promise<T> {
  return 'path' in source ? withFile(source.path, work) : work()
}

/** What was approved, or has to have been: by the digest algorithm of the signature. */
export async function digestOf(
  { source, signatureAlgorithm }: DocumentTask,
  file: ByteSource | undefined,
): Promise<Uint8Array> {
  if ('digest' in source) return source.digest
  if (file === undefined) throw new TypeError('a document is a file')
  return digestOfFile(file, signatureAlgorithm)
}

/** Content of which nothing but this is known, as every format of `ades` takes it. */
export function contentByDigest({ signatureAlgorithm }: DocumentTask, digest: Uint8Array) {
  return { digestAlgorithm: signatureAlgorithms[signatureAlgorithm].digest, digest }
}

/** Who signs, as every format of `ades` asks for it. */
export function signerOf({ signingCertificate, chain, signatureAlgorithm }: DocumentTask) {
  return { signingCertificate, chain, signatureAlgorithm }
}
