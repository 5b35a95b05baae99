/** poppler's pdfsig as a judge, where it is installed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Judgement } from './result.ts'

/** No judgement where the machine has no pdfsig; without certutil it can judge the signature only in part. */
export function pdfsigJudgement(signedPdf: string): readonly Judgement[] {
  const database = mkdtempSync(join(tmpdir(), 'natsuin-nss-'))
  try {
    // Without a certificate database, even an empty one, pdfsig calls every signature unknown.
    const made = spawnSync('certutil', ['-N', '-d', `sql:${database}`, '--empty-password'])
    if (made.error !== undefined || made.status !== 0) return []
    const { stdout, error } = spawnSync('pdfsig', ['-nssdir', `sql:${database}`, signedPdf], {
      encoding: 'utf8',
    })
    return error === undefined ? [readJudgement(stdout)] : []
  } finally {
    rmSync(database, { recursive: true, force: true })
  }
}

function readJudgement(output: string): Judgement {
  const last = output.slice(output.lastIndexOf('Signature #'))
  const words = /Signature Validation: (.*)/.exec(last)?.[1] ?? 'found no signature'
  const total = last.includes('Total document signed')
  return {
    name: 'pdfsig',
    verdict: `${words}${total ? ' Total document signed.' : ''}`,
    good: words === 'Signature is Valid.' && total,
  }
}
