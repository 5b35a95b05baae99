/** poppler's pdfsig as a judge, where it is installed with certutil, which gives it the root to trust. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certificateDatabase, type PdfsigSignature, pdfsig } from '@natsuin/testing/judges'
import type { Judgement } from './result.ts'

/** Its judgement of the newest signature; none where the machine lacks one of the programs. */
export function pdfsigJudgement(signedPdf: string, root: Uint8Array): readonly Judgement[] {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-nss-'))
  try {
    return [judgementOf(pdfsig(signedPdf, certificateDatabase(folder, root)))]
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * poppler 22.12 (NSS) loses a certificate of every second signature in a file, so a chain that it cannot build says
 * nothing where somebody signed before. Can go with that version.
 */
function judgementOf(signatures: readonly PdfsigSignature[]): Judgement {
  const signature = signatures.at(-1)
  if (signature === undefined) return { name: 'pdfsig', verdict: 'found no signature', good: false }
  const { valid, trusted, coversWholeDocument } = signature
  const mayBeLost = !trusted && signatures.length > 1
  const verdict = [
    valid ? 'Signature is Valid' : 'Signature is not valid',
    trusted ? 'Certificate is Trusted' : `Certificate is not ${mayBeLost ? 'judged' : 'trusted'}`,
    coversWholeDocument ? 'Total document signed' : 'Not the total document signed',
  ].join('; ')
  return { name: 'pdfsig', verdict, good: valid && (trusted || mayBeLost) && coversWholeDocument }
}
