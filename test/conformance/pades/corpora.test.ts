/**
 * Other people's PDF files, from the folder that NATSUIN_CORPORA names: each is signed and accepted by every
 * judge, or refused with a typed reason. Ends with a table of the outcomes.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { bytesSource, PdfRefusal } from '@natsuin/ades/pdf'
import { equal } from '@natsuin/pki/encoding'
import { certificateDatabase, pdfsig, qpdfCheck } from '@natsuin/testing/judges'
import { root } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { prepare, sign, verify } from './signing.ts'

const corpora = process.env['NATSUIN_CORPORA']

if (corpora === undefined) {
  const skip = 'NATSUIN_CORPORA does not name a folder with files of other people'
  it("signs or refuses other people's PDF files", { skip }, () => undefined)
} else describe("other people's PDF files", () => signOrRefuseAll(corpora))

function signOrRefuseAll(corpora: string): void {
  const folder = temporaryFolder()
  const database = certificateDatabase(folder, root.certificate.bytes)
  const files = globSync(join(corpora, 'pdf/**/*.pdf')).sort()
  const outcomes = new Map<string, string[]>()

  it('are there', () => assert.ok(files.length > 0, `no PDF below ${corpora}`))

  for (const file of files) {
    const name = file.slice(join(corpora, 'pdf/').length)
    it(`signs or refuses ${name}`, async () => {
      const outcome = await judge(new Uint8Array(readFileSync(file)), file)
      outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), name])
    })
  }

  it('are not all refused', () => assert.ok((outcomes.get('signed')?.length ?? 0) > 0))

  after(() => {
    for (const [outcome, names] of [...outcomes].sort(([a], [b]) => a.localeCompare(b))) {
      console.log(
        `${String(names.length).padStart(4)} ${outcome}${outcome === 'signed' ? '' : `: ${names.join(', ')}`}`,
      )
    }
  })

  /** `signed`, or the code of the refusal; anything else fails the test. */
  async function judge(original: Uint8Array, originalPath: string): Promise<string> {
    const refusal = await refusalOf(original)
    if (refusal !== undefined) return refusal
    const signed = await sign(original)
    const path = join(folder, 'signed.pdf')
    writeFileSync(path, signed)
    assert.ok(signed.length > original.length && equal(signed.subarray(0, original.length), original))
    assert.equal((await verify(signed)).indication, 'TOTAL-PASSED')
    const whole = pdfsig(path, database).filter(({ coversWholeDocument }) => coversWholeDocument)
    assert.deepEqual(
      whole.map(({ valid }) => valid),
      [true],
    )
    // Where qpdf had complaints about the original, signing it must add none.
    const { status, output } = qpdfCheck(path)
    assert.ok(status <= qpdfCheck(originalPath).status, output)
    return 'signed'
  }
}

async function refusalOf(original: Uint8Array): Promise<string | undefined> {
  try {
    await prepare(bytesSource(original))
    return undefined
  } catch (error) {
    if (error instanceof PdfRefusal) return error.code
    throw error
  }
}
