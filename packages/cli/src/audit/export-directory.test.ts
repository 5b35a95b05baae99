import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Leaf, leaf } from '@natsuin/protocol/log'
import { readStrictJson, ShapeError, writeJson } from '@natsuin/protocol/shape'
import { rounds, seed } from '@natsuin/testing/rounds'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import fc from 'fast-check'
import { createExport, leavesIn, openExport, writeLog } from './export-directory.ts'

/** Texts with everything that has ever broken a log: line ends, escapes, brackets, bidirectional marks. */
const nasty = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\n',
      '\r',
      '\u0085',
      '\u2028',
      '\u2029',
      '\u001b[31m',
      '"',
      '\\',
      '\0',
      '\u202e',
      '}',
      '\ud800',
    ),
    fc.string({ maxLength: 8, unit: 'binary' }),
  ),
  { minLength: 1, maxLength: 8 },
)

const refusal = (reason: string): Leaf => ({ event: 'refused', at: 1, operation: 'sign', reason })

describe('a log as lines of a file (T-AUD-07)', () => {
  it('is read back as it was, whatever stands in its fields', async () => {
    const folder = temporaryFolder()
    let counter = 0
    const whole = fc.array(
      nasty.map(parts => parts.join('').slice(0, 64)),
      { minLength: 1, maxLength: 20 },
    )
    const property = fc.asyncProperty(whole, async reasons => {
      const leaves = reasons.map(reason => writeJson(refusal(reason)))
      const directory = join(folder, String(counter++))
      await createExport(directory, new Uint8Array(91))
      await writeLog(directory, { log: 'state', checkpoint: '' }, blockOf(leaves))
      const { logs } = await openExport(directory)
      const read = await allOf(logs[0]?.leaves ?? assert.fail())
      assert.deepEqual(read, leaves)
    })
    await fc.assert(property, { numRuns: rounds('property') / 10, seed: seed() })
  })

  it('has one reading of each leaf, or none', () => {
    fc.assert(
      fc.property(nasty, parts => {
        const bytes = writeJson(refusal(parts.join('').slice(0, 64)))
        try {
          assert.deepEqual(writeJson(readStrictJson(bytes, leaf)), bytes)
        } catch (error) {
          assert.ok(error instanceof ShapeError)
        }
      }),
      { numRuns: rounds('property'), seed: seed() },
    )
  })

  it('is read the same however the file comes in pieces', async () => {
    const text = Buffer.from('{"a":1}\n{"b":2}\n{"c":"\u2028"}')
    for (let size = 1; size < text.length; size += 1) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.subarray(i * size, (i + 1) * size),
      )
      const lines = await allOf(leavesIn(streamOf(pieces)))
      assert.deepEqual(
        lines.map(line => Buffer.from(line).toString()),
        ['{"a":1}', '{"b":2}', '{"c":"\u2028"}'],
      )
    }
  })
})

async function* blockOf(leaves: readonly Uint8Array[]) {
  yield { leaves }
}

async function* streamOf(pieces: readonly Buffer[]) {
  yield* pieces
}

async function allOf(lines: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for await (const line of lines) all.push(line)
  return all
}
