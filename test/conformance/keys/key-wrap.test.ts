/** Wycheproof's vectors of AES-KWP (RFC 5649) with keys of 256 bits, from the folder that NATSUIN_CORPORA names. */
import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { unwrapKey, wrapKey } from '@natsuin/pki/node'

const corpora = process.env['NATSUIN_CORPORA']
const skip = corpora === undefined && 'NATSUIN_CORPORA does not name a folder with the Wycheproof vectors'

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly key: string
  readonly msg: string
  readonly ct: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}

interface VectorFile {
  readonly testGroups: readonly { readonly keySize: number; readonly tests: readonly Vector[] }[]
}

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

describe('Wycheproof, AES-KWP', { skip }, () => {
  it('opens what is valid, wraps to the same octets, and opens nothing else', () => {
    const path = join(corpora ?? '', 'wycheproof', 'aes_kwp_test.json')
    const { testGroups }: VectorFile = JSON.parse(readFileSync(path, 'utf8'))
    const vectors = testGroups.filter(({ keySize }) => keySize === 256).flatMap(({ tests }) => tests)
    assert.ok(vectors.length > 50)
    for (const { tcId, comment, key, msg, ct, result } of vectors) {
      const wrapping = createSecretKey(hex(key))
      const opened = unwrapKey(wrapping, hex(ct))
      assert.deepEqual(opened, result === 'valid' ? hex(msg) : undefined, `${tcId} ${comment}`)
      if (result === 'valid') assert.deepEqual(wrapKey(wrapping, hex(msg)), hex(ct), `${tcId} ${comment}`)
    }
  })
})
