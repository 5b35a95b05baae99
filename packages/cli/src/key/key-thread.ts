/** The thread that sees the private key. It answers once, with nothing secret, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { DerError } from '@natsuin/pki/asn1'
import { KeyFileRefusal } from '@natsuin/pki/pbe'
import { examine, type Question } from './examine.ts'
import type { ThreadAnswer } from './in-thread.ts'
import { preparePackage, type Wanted } from './prepare-package.ts'

function answer({ wanted, ...question }: Question & { readonly wanted?: Wanted }): ThreadAnswer {
  try {
    const examined = examine(question)
    const { format, passedOver, keys } = examined
    const report = { format, passedOver, keys: keys.map(key => key.report) }
    return { report, package: wanted && preparePackage(examined, wanted) }
  } catch (error) {
    if (error instanceof KeyFileRefusal) return { refused: error.reason }
    if (error instanceof DerError) return { refused: 'malformed' }
    throw error
  }
}

// The parent gave the thread its question in this form.
parentPort?.postMessage(answer(workerData as Question & { readonly wanted?: Wanted }))
