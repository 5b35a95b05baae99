/**
 * Level 2 and above rest on the SAM being apart from `server` (requirements 3.3, C-AC-4): another user, who can
 * neither read what the SAM keeps secret nor replace what it runs or relies on.
 *
 * The SAM looks for itself at every start and refuses otherwise. On a host of its own it has no neighbour to name; on
 * a shared one the configuration names the users of the other processes.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '@natsuin/protocol/node'
import { canRead, canReplace } from './reach.ts'
import { findUser, type User, type UserFiles } from './users.ts'

export interface Kept {
  /** Files and directories that nobody else may read: keys, PINs, the URL of the database, the database. */
  readonly secret: readonly string[]
  /** What nobody else may replace: the program, Node, the copies of the logs' heads. */
  readonly relied: readonly string[]
}

export interface Neighbours {
  /** Names of the users that the other processes run under. */
  readonly names: readonly string[]
  readonly files: UserFiles
  /** The user of this process. */
  readonly ownUid: number
}

/** @throws ConfigurationError with all that is not separate */
export function checkSeparation(kept: Kept, neighbours: Neighbours): void {
  const problems = neighbours.names.flatMap(name => problemsOf(name, kept, neighbours))
  if (problems.length > 0) {
    throw new ConfigurationError(problems, 'above level 1 the SAM is kept apart from the other processes')
  }
}

function problemsOf(name: string, { secret, relied }: Kept, { files, ownUid }: Neighbours): string[] {
  const user = findUser(name, files)
  if (user === undefined) return [`separateFrom: there is no user ${name}`]
  if (user.uid === 0) return [`separateFrom: ${name} is root, who can read everything`]
  if (user.uid === ownUid) return [`separateFrom: this process runs as ${name} itself`]
  return [
    ...existing(secret).flatMap(path => readable(user, path)),
    ...[...existing(secret), ...existing(relied)].flatMap(path => replaceable(user, path)),
  ]
}

const readable = (user: User, path: string): string[] =>
  canRead(user, path) ? [`separateFrom: ${user.name} can read ${path}`] : []

const replaceable = (user: User, path: string): string[] =>
  canReplace(user, path) ? [`separateFrom: ${user.name} can replace ${path}`] : []

/** The paths that are there, and for a directory everything below it. */
function existing(paths: readonly string[]): string[] {
  return paths.filter(path => existsSync(path)).flatMap(path => [path, ...below(path)])
}

function below(path: string): string[] {
  if (!statSync(path).isDirectory()) return []
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map(name => join(path, name))
}
