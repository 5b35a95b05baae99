/** Users of this machine as the system's own files list them: who could open a file, and through which groups. */
import { readFileSync } from 'node:fs'

export interface User {
  readonly name: string
  readonly uid: number
  /** The primary group and those that list him. */
  readonly gids: readonly number[]
}

/** The texts of `/etc/passwd` and `/etc/group`. */
export interface UserFiles {
  readonly passwd: string
  readonly group: string
}

export function readUserFiles(): UserFiles {
  return { passwd: readFileSync('/etc/passwd', 'utf8'), group: readFileSync('/etc/group', 'utf8') }
}

/** `undefined` when there is nobody of that name. A directory service is not asked. */
export function findUser(name: string, { passwd, group }: UserFiles): User | undefined {
  const [, , uid, gid] = rowsOf(passwd).find(([own]) => own === name) ?? []
  if (uid === undefined || gid === undefined) return undefined
  const listed = rowsOf(group).filter(([, , , members = '']) => members.split(',').includes(name))
  return { name, uid: Number(uid), gids: [Number(gid), ...listed.map(([, , own]) => Number(own))] }
}

const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(':'))
