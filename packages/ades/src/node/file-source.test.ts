import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { openFileSource } from './file-source.ts'

const folder = mkdtempSync(join(tmpdir(), 'natsuin-ades-'))
after(() => rmSync(folder, { recursive: true }))

describe('a file as a source', () => {
  const content = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 31) >>> 3)

  it('reads the bytes that are asked for', async () => {
    const path = join(folder, 'a.bin')
    writeFileSync(path, content)
    const source = await openFileSource(path)
    assert.equal(source.size, content.length)
    for (const [offset, length] of [
      [0, 10_000],
      [9_999, 1],
      [500, 0],
      [17, 4_000],
    ] as const) {
      assert.deepEqual(await source.read(offset, length), content.subarray(offset, offset + length))
    }
    await source.close()
  })

  it('fails when the file became shorter', async () => {
    const path = join(folder, 'b.bin')
    writeFileSync(path, content)
    const source = await openFileSource(path)
    truncateSync(path, 100)
    await assert.rejects(source.read(0, 1000), /became shorter/)
    await source.close()
  })
})
