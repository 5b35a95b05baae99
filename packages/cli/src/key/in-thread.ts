/**
 * Asks the key thread, with a deadline: a file can ask for two seconds of work, and whatever it finds beyond that is
 * ended with the thread. File and password are handed over, so that they stay nowhere else.
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { KeyFileReason } from '@natsuin/pki/pbe'
import type { ImportPackage } from '@natsuin/protocol/keys'
import type { Question } from './examine.ts'
import type { Wanted } from './prepare-package.ts'
import type { FileReport } from './report.ts'

export type ThreadAnswer =
  | { readonly report: FileReport; readonly package: ImportPackage | undefined }
  | { readonly refused: KeyFileReason | 'malformed' | 'took-too-long' }

/** Ten times what the work of a file may take, on a slow machine. */
const DEADLINE_MILLISECONDS = 30_000

export async function askThread(
  question: Question & { readonly wanted?: Wanted },
  deadlineMilliseconds: number = DEADLINE_MILLISECONDS,
): Promise<ThreadAnswer> {
  const [file, password] = [new Uint8Array(question.file), new Uint8Array(question.password)]
  question.file.fill(0)
  question.password.fill(0)
  const worker = new Worker(new URL(`./key-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: { ...question, file, password },
    transferList: [file.buffer, password.buffer],
    // Nothing from outside reaches the thread that sees a key.
    env: {},
  })
  const late = Promise.withResolvers<ThreadAnswer>()
  const timer = setTimeout(() => late.resolve({ refused: 'took-too-long' }), deadlineMilliseconds)
  try {
    return await Promise.race([answerOf(worker), late.promise])
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

function answerOf(worker: Worker): Promise<ThreadAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer>()
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.once('exit', () => reject(new Error('the key thread ended without an answer')))
  return promise
}
