/**
 * JSON with whole documents in it, in base64, as a body that is never whole in memory.
 *
 * Node sends a stream. Browsers send streams over HTTP/2 alone, if at all, and keep blobs on disk: there, the body is a blob.
 */
import { toBase64, utf8 } from '@natsuin/pki/encoding'

/** Each blob in the value, wherever it is, becomes a text with its base64. */
export async function encodeLong(value: object): Promise<BodyInit> {
  const pieces = piecesOf(value)
  if (SENDS_STREAMS) return streamOf(pieces)
  const parts: Blob[] = []
  for await (const piece of pieces) parts.push(new Blob([Uint8Array.from(piece)]))
  return new Blob(parts, { type: 'application/json' })
}

const SENDS_STREAMS = 'process' in globalThis

/** A multiple of three, so that the base64 of the pieces is that of the whole. */
const PIECE_BYTES = 3 * 64 * 1024

async function* piecesOf(value: object): AsyncGenerator<Uint8Array> {
  const mark = `blob:${crypto.randomUUID()}:`
  const blobs: Blob[] = []
  const text = JSON.stringify(value, (_name, member) =>
    member instanceof Blob ? `${mark}${blobs.push(member) - 1}:` : member,
  )
  for (const [i, part] of text.split(new RegExp(`${mark}\\d+:`)).entries()) {
    yield utf8(part)
    const blob = blobs[i] ?? new Blob()
    for (let at = 0; at < blob.size; at += PIECE_BYTES) {
      yield utf8(toBase64(new Uint8Array(await blob.slice(at, at + PIECE_BYTES).arrayBuffer())))
    }
  }
}

function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await pieces.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await pieces.return(undefined)),
  })
}
