/** Encrypted documents, by qpdf. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The user's. */
export const PASSWORD = 'a reader'

const CIPHERS = { 'AES-128': ['128', '--use-aes=y'], 'AES-256': ['256'] } as const

export function encrypted(document: Uint8Array, cipher: keyof typeof CIPHERS): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-encrypted-'))
  const [plain, path] = [join(folder, 'plain.pdf'), join(folder, 'encrypted.pdf')]
  try {
    writeFileSync(plain, document)
    execFileSync('qpdf', [
      '--allow-weak-crypto',
      '--encrypt',
      PASSWORD,
      'an owner',
      ...CIPHERS[cipher],
      '--',
      plain,
      path,
    ])
    return new Uint8Array(readFileSync(path))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
