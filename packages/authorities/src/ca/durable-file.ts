/** A file that is replaced whole or not at all, and is on the disk when the promise resolves. */
import { randomUUID } from 'node:crypto'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  const aside = `${path}.${randomUUID()}.new`
  await synced(aside, 'wx', file => file.writeFile(content))
  await rename(aside, path)
  await synced(dirname(path), 'r', async () => {})
}

type FileHandle = Awaited<ReturnType<typeof open>>

async function synced(path: string, flags: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags)
  try {
    await work(file)
    await file.sync()
  } finally {
    await file.close()
  }
}
