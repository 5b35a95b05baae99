/** Writes the planned files, each once: what is there is never written over. */
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Owner, PlannedFile } from './configurations.ts'

export interface Ownership {
  readonly uid: number
  readonly gid: number
}

/** @param ownerOf who is to own a process's files; absent: whoever runs this */
export function writeFiles(
  directory: string,
  files: readonly PlannedFile[],
  ownerOf?: (owner: Owner) => Ownership,
): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  for (const { path, owner, content, mode } of files) {
    const file = join(directory, path)
    const parent = dirname(file)
    if (parent !== directory) mkdirSync(parent, { recursive: true, mode: 0o750 })
    writeFileSync(file, content, { mode, flag: 'wx' })
    if (ownerOf === undefined || owner === 'all') continue
    const { uid, gid } = ownerOf(owner)
    for (const own of parent === directory ? [file] : [file, parent]) chownSync(own, uid, gid)
  }
}

/** The user of a process on this machine. @throws Error when there is none */
export function userOf(owner: Owner): Ownership {
  const ask = (flag: '-u' | '-g') =>
    Number(execFileSync('id', [flag, `natsuin-${owner}`], { encoding: 'utf8' }))
  return { uid: ask('-u'), gid: ask('-g') }
}
