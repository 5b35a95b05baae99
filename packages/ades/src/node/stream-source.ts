/**
 * A document that comes as a stream, kept on disk while it is signed: it has to be read in any order, and memory does not
 * grow with it.
 */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type FileSource, openFileSource } from './file-source.ts'

/**
 * Read to its end before anything is signed; closing takes it off the disk. Only the user of this process may read it.
 *
 * @param stream  a `ReadableStream` of the web, a `Readable` of Node, or whatever else has its bytes in pieces
 */
export async function openStreamSource(stream: AsyncIterable<Uint8Array>): Promise<FileSource> {
  const folder = await mkdtemp(join(tmpdir(), 'natsuin-document-'))
  const forget = () => rm(folder, { recursive: true, force: true })
  const path = join(folder, 'document')
  try {
    await pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    const source = await openFileSource(path)
    return { ...source, close: () => source.close().finally(forget) }
  } catch (error) {
    await forget()
    throw error
  }
}
