/**
 * Whether a PKCS #11 library is the one that was meant (threats T-P11-15): it is loaded into the process that has the
 * PIN, and does there what it likes.
 *
 * Absolute, because a relative path leads where the caller happens to stand. Owned by root or by ourselves, and
 * changed by nobody else, and so the folders above it, or somebody could put another in its place. And, where its
 * digest is configured, these very octets.
 */
import { createHash } from 'node:crypto'
import { type Stats, statSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'

export interface LibraryFile {
  readonly path: string
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly sha256?: string
}

/** The path to load, links resolved. @throws Error saying what is wrong with the file */
export async function trustedLibrary({ path, sha256 }: LibraryFile): Promise<string> {
  if (!isAbsolute(path)) throw new Error(`the path of the PKCS #11 library is not absolute: ${path}`)
  const real = await realpath(path)
  checkOwners(real)
  if (sha256 !== undefined) await checkDigest(real, sha256)
  return real
}

async function checkDigest(path: string, expected: string): Promise<void> {
  const digest = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
  if (digest !== expected.toLowerCase()) {
    throw new Error(`the PKCS #11 library ${path} is another than configured: SHA-256 ${digest}`)
  }
}

function checkOwners(path: string): void {
  if (!statSync(path).isFile()) throw new Error(`the PKCS #11 library ${path} is not a file`)
  for (let at = path; ; at = dirname(at)) {
    if (isOpenToOthers(statSync(at))) throw new Error(`the PKCS #11 library can be replaced by others: ${at}`)
    if (at === dirname(at)) return
  }
}

/** In a folder with the sticky bit nobody replaces what belongs to another. */
function isOpenToOthers(stats: Stats): boolean {
  const owners = [0, process.getuid?.()]
  const isOurs = owners.includes(stats.uid)
  const isSticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0
  return !isOurs || (!isSticky && (stats.mode & 0o022) !== 0)
}
