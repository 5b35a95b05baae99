import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ShapeError } from '../shape/shape.ts'
import { readAddCheckpoint, writeAddCheckpoint } from './add-checkpoint.ts'

const checkpoint = 'natsuin.example/log/state\n12\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n\n— a AAAA\n'
const hash = (byte: number) => new Uint8Array(32).fill(byte)

describe('what a log asks a witness (C2SP tlog-witness)', () => {
  it('is the old size, a hash a line, a blank line and the checkpoint', () => {
    const body = writeAddCheckpoint({ oldSize: 5, proof: [hash(1), hash(2)], checkpoint })
    assert.match(body, /^old 5\nAQEB[A-Za-z0-9+/]+=\nAgIC[A-Za-z0-9+/]+=\n\nnatsuin\.example/)
    assert.deepEqual(readAddCheckpoint(body), { oldSize: 5, proof: [hash(1), hash(2)], checkpoint })
  })

  it('is without hashes when the witness knows nothing', () => {
    const request = { oldSize: 0, proof: [], checkpoint }
    assert.equal(writeAddCheckpoint(request), `old 0\n\n${checkpoint}`)
    assert.deepEqual(readAddCheckpoint(writeAddCheckpoint(request)), request)
  })

  it('is nothing else', () => {
    const good = writeAddCheckpoint({ oldSize: 5, proof: [hash(1)], checkpoint })
    const many = writeAddCheckpoint({
      oldSize: 5,
      proof: Array.from({ length: 64 }, () => hash(1)),
      checkpoint,
    })
    for (const body of [
      '',
      checkpoint,
      good.replace('old 5', 'old 05'),
      good.replace('old 5', 'old -5'),
      good.replace('old 5', 'new 5'),
      good.replace('old 5\n', 'old 5\r\n'),
      good.replace('AQEB', 'AQE'),
      good.replace('AQEB', '*QEB'),
      'old 5\n\n',
      many,
    ]) {
      assert.throws(() => readAddCheckpoint(body), ShapeError, body)
    }
  })
})
