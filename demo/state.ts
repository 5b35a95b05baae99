/** What the demonstration keeps between two runs, all of it below one directory. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SignerIdentity } from '@natsuin/testing/deployment'
import type { Result } from './result.ts'

/** A demonstration that is running now. */
export interface Running {
  readonly pid: number
  /** The demonstration's page. */
  readonly url: string
}

export interface State {
  readonly directory: string
  /** Where the deployment's own state lies. */
  readonly deployment: string
  path(...names: string[]): string
  readonly running: Slot<Running>
  readonly signer: Slot<SignerIdentity>
  readonly result: Slot<Result>
}

/** One JSON file, replaced whole. */
export interface Slot<T> {
  read(): T | undefined
  write(value: T): void
  clear(): void
}

export function openState(directory: string, fresh: boolean): State {
  if (fresh) rmSync(directory, { recursive: true, force: true })
  mkdirSync(join(directory, 'signed'), { recursive: true, mode: 0o700 })
  return {
    directory,
    deployment: join(directory, 'deployment'),
    path: (...names) => join(directory, ...names),
    running: slot(join(directory, 'running.json')),
    signer: slot(join(directory, 'signer.json')),
    result: slot(join(directory, 'result.json')),
  }
}

function slot<T>(path: string): Slot<T> {
  return {
    // Written by this slot alone.
    read: () => (existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined),
    write: value => {
      writeFileSync(`${path}.new`, JSON.stringify(value, null, 2), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
    clear: () => rmSync(path, { force: true }),
  }
}
