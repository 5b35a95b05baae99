/**
 * Where the software module keeps its named keys: one file per label, in one directory.
 *
 * **Nothing here is encrypted: whoever can read these files has the keys.** A key beside the lock would only look
 * like protection. What guards them are file modes (0700, 0600) and the user the process runs as, which is why
 * this module is level 1.
 *
 * A file appears whole or not at all, and survives a crash once `write` has returned: written aside, synced,
 * linked to its name, and the directory synced. `link` instead of `rename` because it fails where the name is
 * taken: of two processes that create the same key, one is refused and none is overwritten.
 */
import { randomUUID } from 'node:crypto'
import { link, lstat, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { fromBase64, toBase64 } from '@natsuin/pki/encoding'

export type StoredKey =
  | { readonly kind: 'master'; readonly secret: Uint8Array }
  | { readonly kind: 'mac'; readonly secret: Uint8Array }
  | {
      readonly kind: 'signing'
      readonly type: KeyType
      readonly secret: Uint8Array
      readonly spki: Uint8Array
    }
  | { readonly kind: 'import'; readonly secret: Uint8Array; readonly spki: Uint8Array }

/** Makes the directory; its parent must be there, and it must not. @throws EEXIST */
export async function createKeyDirectory(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 })
  await syncDirectory(join(directory, '..'))
}

/** @throws Error when it is missing, not a directory, or open to others */
export async function checkKeyDirectory(directory: string): Promise<void> {
  const stats = await lstat(directory)
  if (!stats.isDirectory()) throw new Error(`${directory} is not a directory`)
  if ((stats.mode & 0o077) !== 0) throw new Error(`${directory} must be open to its owner alone (mode 0700)`)
}

/** `false` when the label is taken. */
export async function writeKey(directory: string, label: string, key: StoredKey): Promise<boolean> {
  const aside = join(directory, `${randomUUID()}.new`)
  await writeSynced(aside, spell(label, key))
  try {
    await link(aside, keyFile(directory, label))
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(aside)
  }
  await syncDirectory(directory)
  return true
}

/** `undefined` when there is no key of that label. @throws Error when the file is not one of ours */
export async function readKey(directory: string, label: string): Promise<StoredKey | undefined> {
  const path = keyFile(directory, label)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
  const key = read(label, text)
  if (key === undefined) throw new Error(`${path} is not a key file of the label it is named after`)
  return key
}

/** Nothing when there is none. What a disk keeps of a file that is gone is the disk's (level 1). */
export async function removeKey(directory: string, label: string): Promise<void> {
  await rm(keyFile(directory, label), { force: true })
  await syncDirectory(directory)
}

/** Labels of all keys, and names of files that are none: what a crash left of a key that was being written. */
export async function listKeys(directory: string): Promise<{ labels: string[]; strays: string[] }> {
  const names = (await readdir(directory)).sort()
  const labels = names.filter(isKeyFile).map(name => decodeURIComponent(name.slice(0, -SUFFIX.length)))
  return { labels, strays: names.filter(name => !isKeyFile(name)) }
}

const WARNING = 'software module, level 1: whoever reads this file has the key'

// Labels are compared byte for byte inside the file as well: some file systems fold case.
const SUFFIX = '.key'
const keyFile = (directory: string, label: string) => join(directory, `${encodeURIComponent(label)}${SUFFIX}`)
const isKeyFile = (name: string) => name.endsWith(SUFFIX)

function spell(label: string, key: StoredKey): string {
  const publicPart = {
    ...('type' in key && { type: key.type }),
    ...('spki' in key && { spki: toBase64(key.spki) }),
  }
  return `${JSON.stringify({ warning: WARNING, label, kind: key.kind, ...publicPart, secret: toBase64(key.secret) }, null, 2)}\n`
}

function read(label: string, text: string): StoredKey | undefined {
  const fields: Record<string, unknown> = JSON.parse(text)
  const secret = bytesOf(fields['secret'])
  const spki = bytesOf(fields['spki'])
  const { kind, type } = fields
  if (fields['label'] !== label || secret === undefined) return undefined
  if (kind === 'master' || kind === 'mac') return { kind, secret }
  if (kind === 'import') return spki && { kind, secret, spki }
  return kind === 'signing' && isKeyType(type) && spki !== undefined
    ? { kind, type, secret, spki }
    : undefined
}

const bytesOf = (value: unknown) => (typeof value === 'string' ? fromBase64(value) : undefined)

const isKeyType = (value: unknown): value is KeyType =>
  typeof value === 'string' && Object.hasOwn(keyTypes, value)

const isSystemError = (error: unknown, code: string) =>
  error instanceof Error && 'code' in error && error.code === code

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
