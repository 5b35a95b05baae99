/** Documents of asynchronous requests in the database: sealed, in pieces, none of them ever whole in memory. */
import { open } from 'node:fs/promises'
import type { ResponseRecord, ResponseRepository } from '../storage/responses.ts'
import type { Sealer } from './sealer.ts'

export interface ResponseFiles {
  /** @param file  `in`, or the name of a run */
  store(
    response: Pick<ResponseRecord, 'response_digest' | 'expires_at'>,
    file: string,
    paths: readonly string[],
  ): Promise<void>
  /** Writes the document to a path. */
  restore(responseDigest: string, file: string, position: number, path: string): Promise<void>
  read(responseDigest: string, file: string, position: number): AsyncGenerator<Uint8Array>
}

const PIECE_BYTES = 512 * 1024

export function createResponseFiles(responses: ResponseRepository, sealer: Sealer): ResponseFiles {
  async function* read(response_digest: string, file: string, position: number) {
    for (let piece = 0; ; piece++) {
      const key = { response_digest, file, position, piece }
      const sealed = await responses.findPiece(key)
      if (sealed === undefined) return
      yield sealer.openBytes(sealed, contextOf(key))
    }
  }
  return {
    read,
    async store({ response_digest, expires_at }, file, paths) {
      for (const [position, path] of paths.entries()) {
        let piece = 0
        for await (const bytes of piecesOf(path)) {
          const key = { response_digest, file, position, piece }
          await responses.addPiece({ ...key, expires_at, sealed: sealer.sealBytes(bytes, contextOf(key)) })
          piece += 1
        }
      }
    },
    async restore(responseDigest, file, position, path) {
      const target = await open(path, 'wx', 0o600)
      try {
        for await (const bytes of read(responseDigest, file, position)) await target.appendFile(bytes)
      } finally {
        await target.close()
      }
    },
  }
}

const contextOf = (key: object): string => JSON.stringify(Object.values(key))

async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r')
  try {
    for (;;) {
      const piece = new Uint8Array(PIECE_BYTES)
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES)
      if (bytesRead === 0) return
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}
