/**
 * Whether a user could read or replace a file, by owner, group and mode of it and of every directory above it.
 *
 * Computed, not tried: this process is another user. Access control lists are not seen; they can only be set by the
 * owner or by root.
 */
import { lstatSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import type { User } from './users.ts'

interface Owned {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

type Right = 'read' | 'write' | 'search'

const BITS: Readonly<Record<Right, number>> = { read: 0o4, write: 0o2, search: 0o1 }
const STICKY = 0o1000

/** The first class that fits decides, as in POSIX: an owner whom the group would let in stays out. */
export function has(right: Right, { uid, gids }: User, { uid: owner, gid, mode }: Owned): boolean {
  const digit = uid === owner ? mode >> 6 : gids.includes(gid) ? mode >> 3 : mode
  return uid === 0 || (digit & BITS[right]) !== 0
}

/** He could see what is in the file, or which files are in the directory. */
export function canRead(user: User, path: string): boolean {
  const real = realpathSync(path)
  return canReach(user, real) && has('read', user, lstatSync(real))
}

/**
 * He could change it, or put another one in its place: he can write to it, or to a directory on the way to it where
 * everybody may take away what is not his, or he owns one of them and could give himself the right.
 */
export function canReplace(user: User, path: string): boolean {
  const real = realpathSync(path)
  const file = lstatSync(real)
  if (owns(user, file) || (canReach(user, real) && has('write', user, file))) return true
  return above(real).some((directory, i, all) => {
    const found = lstatSync(directory)
    if (owns(user, found)) return true
    const child = lstatSync(i === 0 ? real : (all[i - 1] ?? real))
    const mayTakeAway = (found.mode & STICKY) === 0 || owns(user, child)
    return canReach(user, directory) && has('write', user, found) && has('search', user, found) && mayTakeAway
  })
}

const owns = ({ uid }: User, found: Owned): boolean => uid === 0 || uid === found.uid

/** Every directory above lets him through. */
function canReach(user: User, path: string): boolean {
  return above(path).every(directory => has('search', user, lstatSync(directory)))
}

/** The directories above a path, nearest first. */
function above(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...above(parent)]
}
