/**
 * Why a ZIP file is not read: one table of codes with a sentence each.
 *
 * A file is refused wherever two readers could see two sets of files in it; it is never repaired.
 */
import { TypedRefusal } from '../typed-refusal.ts'

/** Every reason, with the sentence an edge may show. The key is the code. */
export const ZIP_REFUSALS = {
  'not-a-zip': 'The file is not a ZIP file, or something stands before or behind it.',
  'zip-ambiguous': 'The ZIP file can be read in two ways.',
  'zip-name-invalid': 'A name in the ZIP file is not a plain path below it.',
  'zip-name-twice':
    'Two files in the ZIP file have the same name, or names that some systems take for the same.',
  'zip-unsupported': 'The ZIP file is encrypted, or compressed or divided in a way that is not supported.',
  'zip-content-damaged': 'A file in the ZIP file is not what its entry says.',
  'zip-limit-exceeded': 'The ZIP file exceeds a limit on size or count.',
} as const satisfies Readonly<Record<string, string>>

export type ZipRefusalCode = keyof typeof ZIP_REFUSALS

/** An expected "no" about a ZIP file. `message` adds which entry is meant. */
export class ZipRefusal extends TypedRefusal<ZipRefusalCode> {
  override readonly name = 'ZipRefusal'

  constructor(code: ZipRefusalCode, detail?: string) {
    super(ZIP_REFUSALS, code, detail)
  }
}
