/**
 * Makes calls to the file system fail in processes of a test, and moves their wall clocks (threats 23, T-DUR-04 to
 * T-DUR-06). What can be played stands at the head of `faults.c`.
 */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtLibrary } from '../native/index.ts'

export interface FileFaults {
  /** For a process that is to be started. */
  readonly environment: Readonly<Record<string, string>>
  /** From now on, these lines and no others. */
  play(...lines: readonly string[]): void
  /** The calls that were made to fail since these lines are played, each with its path. */
  failed(): readonly string[]
  remove(): void
}

export function createFileFaults(): FileFaults {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-faults-'))
  const [script, log] = [join(folder, 'script'), join(folder, 'script.log')]
  const play = (...lines: readonly string[]) => {
    // Another file, whole.
    writeFileSync(`${script}.new`, lines.map(line => `${line}\n`).join(''))
    rmSync(log, { force: true })
    renameSync(`${script}.new`, script)
  }
  play()
  const library = builtLibrary('natsuin-file-faults', join(import.meta.dirname, 'faults.c'))
  return {
    environment: { LD_PRELOAD: library, NATSUIN_FAULTS: script },
    play,
    failed: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
