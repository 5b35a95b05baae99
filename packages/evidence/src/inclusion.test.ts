import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { isIncluded } from './inclusion.ts'

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

/** RFC 9162, 2.1.1 and 2.1.3.1, as the definitions stand: slow, recursive, plainly right. */
const split = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1)
function treeHash(leaves: Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return sha256(Uint8Array.of(0), only)
  const k = split(leaves.length)
  return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)))
}
function path(index: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return index < k
    ? [...path(index, leaves.slice(0, k)), treeHash(leaves.slice(k))]
    : [...path(index - k, leaves.slice(k)), treeHash(leaves.slice(0, k))]
}

const tree = (size: number) => Array.from({ length: size }, (_, i) => utf8(`leaf ${i}`))
const included = (index: number, size: number, leaf: Uint8Array, proof: Uint8Array[]) =>
  isIncluded(
    { index, leaf, path: proof },
    { origin: 'log', size, rootHash: treeHash(tree(size)) },
    nodePlatform,
  )

describe('inclusion proofs (RFC 9162, 2.1.3.2)', () => {
  it('hold for every leaf of every tree up to 33 leaves', async () => {
    for (let size = 1; size <= 33; size++) {
      for (let index = 0; index < size; index++) {
        const leaf = utf8(`leaf ${index}`)
        assert.equal(await included(index, size, leaf, path(index, tree(size))), true, `${index} of ${size}`)
      }
    }
  })

  it('do not hold for another leaf, place, size or path', async () => {
    const proof = path(5, tree(13))
    assert.equal(await included(5, 13, utf8('leaf 6'), proof), false)
    for (const index of [0, 4, 6, 7, 12, 13, 21])
      assert.equal(await included(index, 13, utf8('leaf 5'), proof), false)
    assert.equal(await included(5, 12, utf8('leaf 5'), proof), false)
    assert.equal(await included(5, 13, utf8('leaf 5'), proof.slice(1)), false)
    assert.equal(await included(5, 13, utf8('leaf 5'), [...proof, new Uint8Array(32)]), false)
    assert.equal(await included(5, 13, utf8('leaf 5'), proof.toReversed()), false)
  })

  it('do not take a node for a leaf', async () => {
    const leaves = tree(4)
    const node = Buffer.concat([treeHash(leaves.slice(0, 1)), treeHash(leaves.slice(1, 2))])
    assert.equal(await included(0, 4, node, [treeHash(leaves.slice(2))]), false)
  })
})
