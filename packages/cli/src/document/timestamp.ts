/** natsuin timestamp — prove that a file exists now. */
import { writeFile } from 'node:fs/promises'
import { timeStampPdf } from '@natsuin/ades/pades'
import { type ByteSource, digestRange } from '@natsuin/ades/pdf'
import type { TimeStampSource } from '@natsuin/ades/time-stamping'
import { type Command, UsageError } from '../command.ts'
import { AUTHORITY_HELP, AUTHORITY_OPTIONS, authoritiesOf, parseDocumentArguments } from './arguments.ts'
import { augmentCms, augmentContainer } from './augment-cms.ts'
import { augmentJson } from './augment-json.ts'
import { augmentXml } from './augment-xml.ts'
import { formatOf } from './formats.ts'
import { onDocument } from './on-document.ts'
import { writeAppended, writeWhole } from './write-document.ts'

export const timestamp: Command = {
  name: 'timestamp',
  usage: '<file> --tsa <url>… [--detached | --format cades|jades|xades|asic] [options]',
  help: `Has a time-stamping authority state that a file exists now. A PDF gets the time-stamp inside (a document
time-stamp, by appending); for any other file it is written beside it, for "openssl ts -verify -token_in".

  --detached  beside the file, for a PDF too
  --format    cades, jades, xades, asic: the file is a signature in CMS, JSON or XML, or a container with signatures, and gets
              the time-stamp inside (level B-T)
${AUTHORITY_HELP}
  --output    the stamped PDF (the document itself unless said otherwise), or the token (<file>.tst)

Exit status: 0 stamped, 1 refused with a reason, 2 wrong usage or a file that cannot be read.`,

  async run(args, terminal) {
    const { values, path } = parseDocumentArguments(args, OPTIONS)
    const format = formatOf(values.format)
    const { timeStamp, platform, opening } = await authoritiesOf(values)
    if (timeStamp === undefined) throw new UsageError('--tsa is needed.')
    return onDocument(path, terminal, async (document, progress) => {
      progress.step('hashing')
      const output = values.output ?? path
      if (format !== 'pades') {
        const options = { platform, at: new Date(), timeStamp }
        if (format === 'cades') await augmentCms(document, 'B-T', options, output)
        else if (format === 'asic') await augmentContainer(document, 'B-T', options, output)
        else await writeWhole(output, await STAMPERS[format](document, 'B-T', options))
        return `✔ Time-stamped: ${output}`
      }
      if (values.detached || !(await isPdf(document))) {
        const token = values.output ?? `${path}.tst`
        await writeFile(token, await tokenOver(document, timeStamp, platform))
        return `✔ Time-stamped: ${token}`
      }
      const update = await timeStampPdf(document, { ...opening, platform, at: new Date(), timeStamp })
      await writeAppended(path, output, update)
      return `✔ Time-stamped: ${output}`
    })
  },
}

const OPTIONS = {
  ...AUTHORITY_OPTIONS,
  detached: { type: 'boolean', default: false },
  format: { type: 'string', default: 'pades' },
} as const

const STAMPERS = { jades: augmentJson, xades: augmentXml } as const

async function isPdf(document: ByteSource): Promise<boolean> {
  const head = await document.read(0, Math.min(5, document.size))
  return new TextDecoder('latin1').decode(head) === '%PDF-'
}

type Platform = Awaited<ReturnType<typeof authoritiesOf>>['platform']

async function tokenOver(document: ByteSource, timeStamp: TimeStampSource, platform: Platform) {
  const digest = platform.stream('sha512')
  await digestRange(document, { offset: 0, length: document.size }, digest)
  return timeStamp(digest.finish(), 'sha512')
}
