/**
 * A document on disk, read in pieces through one buffer, so that memory does not grow with the file.
 */
import { open } from 'node:fs/promises'
import type { ByteSource } from '../pdf/byte-source.ts'

export interface FileSource extends ByteSource {
  /** Closes the file; the source cannot be read afterwards. */
  close(): Promise<void>
}

/** @param path  a regular file that nobody writes to while the source is in use */
export async function openFileSource(path: string): Promise<FileSource> {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  let buffer = new Uint8Array()
  return {
    size,
    read: async (offset, length) => {
      if (buffer.length < length) buffer = new Uint8Array(length)
      await readFully(handle, buffer.subarray(0, length), offset)
      return buffer.subarray(0, length)
    },
    close: () => handle.close(),
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>

async function readFully(handle: FileHandle, target: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await handle.read(target, done, target.length - done, offset + done)
    if (bytesRead === 0) throw new Error('the file became shorter while it was read')
    done += bytesRead
  }
}
