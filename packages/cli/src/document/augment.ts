/** natsuin augment — have the signatures of a document last, or renew them. */
import { augmentPades } from '@natsuin/ades/pades'
import type { Command } from '../command.ts'
import {
  AUTHORITY_HELP,
  AUTHORITY_OPTIONS,
  authoritiesOf,
  checkAuthorities,
  levelOf,
  parseDocumentArguments,
} from './arguments.ts'
import { augmentCms, augmentContainer } from './augment-cms.ts'
import { augmentJson } from './augment-json.ts'
import { augmentXml } from './augment-xml.ts'
import { formatIn } from './formats.ts'
import { onDocument } from './on-document.ts'
import { writeAppended, writeWhole } from './write-document.ts'

export const augment: Command = {
  name: 'augment',
  usage: '<signed document> [--level <level>] --tsa <url>… --trust <pem>… [options]',
  help: `Raises the signatures of a PDF, of XML (XAdES), of a CMS or JSON signature (CAdES, JAdES) or of a container (ASiC) to a
higher level by adding to it; no signature is touched.

  --level     B-T: a time-stamp proves when the document was signed.
              B-LT: all that a validator needs is in the document.
              B-LTA (unless said otherwise): a time-stamp protects that. Once more renews it, which is due before the
              certificate of the last time-stamp expires.
  --content   of a CMS, JSON or XML signature that is beside a file: that file
  --last      PDF: for the sake of the last signature alone, where an earlier one can no longer be made to last
${AUTHORITY_HELP}
  --output    the augmented document; the document itself unless said otherwise

Exit status: 0 augmented, 1 refused with a reason, 2 wrong usage or a file that cannot be read.`,

  async run(args, terminal) {
    const { values, path } = parseDocumentArguments(args, OPTIONS)
    const level = levelOf(values.level, 'B-T')
    checkAuthorities(level, values)
    const output = values.output ?? path
    return onDocument(path, terminal, async (document, progress) => {
      progress.step('time-stamps and validation data')
      const { opening, ...authorities } = await authoritiesOf(values)
      const raised = level === 'B-B' ? 'B-T' : level
      const options = { ...authorities, at: new Date() }
      const format = await formatIn(document)
      const given = { ...options, contentPath: values.content }
      if (format === 'cades') await augmentCms(document, raised, given, output)
      else if (format === 'asic') await augmentContainer(document, raised, given, output)
      else if (format !== 'pades') {
        await writeWhole(output, await AUGMENTERS[format](document, raised, given))
      } else {
        const signatures = values.last ? 'last' : 'all'
        const update = await augmentPades(document, raised, { ...opening, ...options, signatures })
        await writeAppended(path, output, update)
      }
      return `✔ Augmented to level ${level}: ${output}`
    })
  },
}

const OPTIONS = {
  ...AUTHORITY_OPTIONS,
  level: { type: 'string', default: 'B-LTA' },
  last: { type: 'boolean', default: false },
  content: { type: 'string' },
} as const

const AUGMENTERS = { jades: augmentJson, xades: augmentXml } as const
