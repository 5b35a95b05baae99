/** Proofs from stored hashes against the verifier's own code, and against what is no proof. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { equal, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { isConsistent, type Tree } from '@natsuin/protocol/log'
import { hashLeaf, MerkleTree } from './merkle-tree.ts'
import { consistencyProof, type ReadHashes, storedRoot } from './stored-proofs.ts'

const SIZE = 130

const stored = new Map<string, Uint8Array>()
const trees: Tree[] = []
const tree = new MerkleTree()
for (let size = 0; size <= SIZE; size++) {
  trees.push({ size, rootHash: tree.root() })
  const leafHash = hashLeaf(utf8(`leaf ${size}`))
  stored.set(`0/${size}`, leafHash)
  for (const { level, index, hash } of tree.append(leafHash)) stored.set(`${level}/${index}`, hash)
}

const read: ReadHashes = async (level, from, count) =>
  Array.from({ length: count }, (_, i) => stored.get(`${level}/${from + i}`)).filter(
    hash => hash !== undefined,
  )

const treeOf = (size: number): Tree => trees[size] ?? assert.fail()
const verify = (first: Tree, second: Tree, proof: readonly Uint8Array[]) =>
  isConsistent(first, second, proof, nodePlatform)
const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte))

describe('consistency proofs (RFC 9162, 2.1.4)', () => {
  it('verify for every pair of sizes', async () => {
    for (let second = 1; second <= SIZE; second++) {
      for (let first = 1; first <= second; first++) {
        const proof = await consistencyProof(first, second, read)
        assert.ok(await verify(treeOf(first), treeOf(second), proof), `${first} in ${second}`)
      }
    }
  })

  it('do not verify with a hash or root changed, missing, added or moved', async () => {
    for (const [first, second] of [
      [1, 2],
      [3, 7],
      [6, 8],
      [4, 7],
      [64, 130],
      [127, 128],
      [128, 129],
      [77, 130],
    ] as const) {
      const [one, other] = [treeOf(first), treeOf(second)]
      const proof = await consistencyProof(first, second, read)
      for (const i of proof.keys()) {
        const changed = proof.map((hash, j) => (i === j ? flipped(hash) : hash))
        assert.equal(await verify(one, other, changed), false, `${first} in ${second}, hash ${i}`)
        assert.equal(
          await verify(one, other, proof.toSpliced(i, 1)),
          false,
          `${first} in ${second}, without ${i}`,
        )
        assert.equal(await verify(one, other, proof.toSpliced(i, 0, one.rootHash)), false)
      }
      assert.equal(await verify(one, other, [...proof, other.rootHash]), false)
      assert.equal(await verify({ ...one, rootHash: flipped(one.rootHash) }, other, proof), false)
      assert.equal(await verify(one, { ...other, rootHash: flipped(other.rootHash) }, proof), false)
      assert.equal(await verify(other, one, proof), false)
    }
  })

  it('are empty from nothing, and of a tree with itself', async () => {
    const [nothing, ten] = [treeOf(0), treeOf(10)]
    assert.ok(await verify(nothing, ten, []))
    assert.ok(await verify(ten, ten, []))
    assert.equal(await verify(nothing, ten, [ten.rootHash]), false)
    assert.equal(await verify(ten, ten, [ten.rootHash]), false)
    assert.equal(await verify(ten, { ...ten, rootHash: flipped(ten.rootHash) }, []), false)
    assert.equal(await verify(treeOf(4), ten, []), false)
  })
})

describe('roots of the first leaves', () => {
  it('are those that the tree had', async () => {
    for (let size = 1; size <= SIZE; size++) {
      assert.ok(equal(await storedRoot(size, read), treeOf(size).rootHash), `size ${size}`)
    }
  })
})

describe('a log that lost hashes', () => {
  it('gives no root and no proof, where the whole one does', async () => {
    const lossy: ReadHashes = async (level, from, count) => (await read(level, from, count)).slice(1)
    assert.ok(equal(await storedRoot(SIZE, read), treeOf(SIZE).rootHash))
    for (const asked of [storedRoot(SIZE, lossy), consistencyProof(3, SIZE, lossy)])
      await assert.rejects(asked, /lacks hashes/)
  })
})
