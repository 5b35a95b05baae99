/** Runs the work of a command on a document: opened in pieces, with a bar, and refusals said as sentences. */

import { ZipRefusal } from '@natsuin/ades/asic'
import { openFileSource } from '@natsuin/ades/node'
import { type ByteSource, PdfRefusal } from '@natsuin/ades/pdf'
import { AdesRefusal } from '@natsuin/ades/validation-data'
import { XmlRefusal } from '@natsuin/ades/xml'
import { reading, type Terminal } from '../command.ts'
import { Progress } from './progress.ts'

/** @returns the exit code: 0 done, 1 refused */
export async function onDocument(
  path: string,
  terminal: Terminal,
  work: (document: ByteSource, progress: Progress) => Promise<string>,
): Promise<number> {
  const source = await reading(path, () => openFileSource(path))
  const progress = new Progress()
  try {
    const done = await work(progress.watched(source), progress)
    progress.end()
    terminal.out(done)
    return 0
  } catch (error) {
    progress.end()
    if (!isRefusal(error)) throw error
    terminal.error(inWords(error))
    return 1
  } finally {
    await source.close()
  }
}

type Refusal = AdesRefusal | PdfRefusal | XmlRefusal | ZipRefusal

function isRefusal(error: unknown): error is Refusal {
  return [AdesRefusal, PdfRefusal, XmlRefusal, ZipRefusal].some(kind => error instanceof kind)
}

/** With what lies behind it: which of several authorities said what, for one. */
function inWords(refusal: Refusal): string {
  const reasons: string[] = []
  for (let { cause } = refusal; cause instanceof Error; { cause } = cause) reasons.push(`  ${cause.message}`)
  return [`✘ ${refusal.message} (${refusal.code})`, ...reasons].join('\n')
}
