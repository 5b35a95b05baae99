/**
 * A long stream read without its pieces piling up: V8 lets as much garbage of connections lie as two of its young generations,
 * some sixty megabytes, before it looks (Heap::AllocateExternalBackingStore). So it is told to look after a few.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const COLLECT_AFTER_BYTES = 4 * 1024 * 1024

export async function* withoutGarbage(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    yield piece
    if (bytes < COLLECT_AFTER_BYTES) continue
    bytes = 0
    collectYoung({ type: 'minor' })
  }
}

/** Only a context that is made after the flag has the function, and only we have that context. */
function collector(): (options: { readonly type: 'minor' }) => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as ReturnType<typeof collector>
}

const collectYoung = collector()
