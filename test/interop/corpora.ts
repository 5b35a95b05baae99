/**
 * Other people's PDF files, from the folder that NATSUIN_CORPORA names: each is signed with its own bytes in front, as
 * they were, and accepted by pyHanko, or refused by us with a typed reason. `npm test` asks pdfsig and qpdf about them.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PdfRefusal, type PdfRefusalCode } from '@natsuin/ades/pdf'
import { equal } from '@natsuin/pki/encoding'
import { askAll, layDown, type Result, type Sitting } from './ask.ts'
import type { Cell, Specimen } from './cells/cell.ts'
import { cellOfFile } from './cells/pades.ts'

export type FileOutcome =
  | { readonly name: string; readonly refused: PdfRefusalCode }
  | { readonly name: string; readonly result: Result }

export async function judgeCorpora(
  corpora: string,
  folder: string,
  sittings: readonly Sitting[],
): Promise<readonly FileOutcome[]> {
  const below = join(corpora, 'pdf')
  const names = globSync('**/*.pdf', { cwd: below }).sort()
  if (names.length === 0) throw new Error(`NATSUIN_CORPORA: no PDF below ${below}`)
  const outcomes: (FileOutcome | Promise<FileOutcome>)[] = []
  for (const name of names) {
    const made = await signedOrRefused(name, new Uint8Array(readFileSync(join(below, name))))
    outcomes.push('refused' in made ? made : judged(made, join(folder, name.replaceAll('/', '-')), sittings))
  }
  return Promise.all(outcomes)
}

interface SignedFile {
  readonly name: string
  readonly cell: Cell
  readonly specimen: Specimen
}

async function signedOrRefused(
  name: string,
  original: Uint8Array,
): Promise<SignedFile | (FileOutcome & { readonly refused: PdfRefusalCode })> {
  let refused: PdfRefusalCode = 'encrypted'
  for (const password of PASSWORDS) {
    const cell = cellOfFile(name, original, password)
    const specimen = await cell.make().catch(codeOfRefusal)
    if (typeof specimen !== 'string') return { name, cell, specimen: checkedPrefix(original, specimen) }
    refused = specimen
    if (!ASKS_FOR_PASSWORD.includes(refused)) break
  }
  return { name, refused }
}

/** Those that pyHanko's files are encrypted with, where they are. */
const PASSWORDS = [undefined, 'ownersecret', 'usersecret', 'secret']
const ASKS_FOR_PASSWORD: readonly PdfRefusalCode[] = ['encrypted', 'password-wrong', 'encryption-forbids']

function codeOfRefusal(error: unknown): PdfRefusalCode {
  if (error instanceof PdfRefusal) return error.code
  throw error
}

function checkedPrefix(original: Uint8Array, specimen: Specimen): Specimen {
  if (equal(specimen.bytes.subarray(0, original.length), original)) return specimen
  throw new Error(`signing changed what was there: ${specimen.extension}`)
}

async function judged(
  { name, cell, specimen }: SignedFile,
  folder: string,
  sittings: readonly Sitting[],
): Promise<FileOutcome> {
  return { name, result: await askAll(cell, layDown(cell, specimen, folder), sittings) }
}
