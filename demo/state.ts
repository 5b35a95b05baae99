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
  /** Of the process that runs the service here; held by that process alone. */
  readonly lock: string
  /** Held while the demonstration's signer acts: her device counts, and answers one at a time. */
  readonly signerLock: string
  readonly running: Slot<Running>
  readonly signer: Slot<SignerIdentity>
  readonly result: Slot<Result>
  /** Deletes what demonstrations made here, and nothing else that lies beside it. */
  forget(): void
}

/** One JSON file, replaced whole. */
export interface Slot<T> {
  read(): T | undefined
  write(value: T): void
  clear(): void
}

export function openState(directory: string): State {
  const path = (...names: readonly string[]) => join(directory, ...names)
  const signed = path('signed')
  mkdirSync(signed, { recursive: true, mode: 0o700 })
  return {
    directory,
    deployment: path('deployment'),
    path,
    lock: path('service.lock'),
    signerLock: path('signer.lock'),
    running: slot(path('running.json')),
    signer: slot(path('signer.json')),
    result: slot(path('result.json')),
    forget() {
      for (const name of MADE_HERE) rmSync(path(name), { recursive: true, force: true })
      mkdirSync(signed, { mode: 0o700 })
    },
  }
}

const MADE_HERE = ['deployment', 'signed', 'running.json', 'signer.json', 'result.json']

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
