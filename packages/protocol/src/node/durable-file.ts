/** A file that is replaced whole or not at all, and is on the disk when the promise resolves. */
import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * A reader sees the old content or the new one, also after a crash. One that failed leaves nothing beside it, and
 * may be tried again: it writes another file.
 * @param mode permissions of the file, before the process's umask
 */
export async function replaceFile(path: string, content: Uint8Array | string, mode = 0o666): Promise<void> {
  const aside = `${path}.${randomUUID()}.new`
  try {
    await synced(await open(aside, 'wx', mode), file => file.writeFile(content))
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {})
    throw error
  }
  await synced(await open(dirname(path), 'r'), async () => {})
}

type FileHandle = Awaited<ReturnType<typeof open>>

async function synced(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file)
    await file.sync()
  } finally {
    await file.close()
  }
}
