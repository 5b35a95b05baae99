import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { concat, toHex } from '@natsuin/pki/encoding'
import { hashLeaf, MerkleTree, type Subtree } from './merkle-tree.ts'
import { inclusionPath } from './stored-proofs.ts'

/** The definition of RFC 9162, 2.1.1, word for word, over all leaves at once. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  const sha256 = (...parts: readonly Uint8Array[]) =>
    new Uint8Array(
      createHash('sha256')
        .update(concat(...parts))
        .digest(),
    )
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return sha256(Uint8Array.of(0), ...leaves)
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha256(Uint8Array.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

/** PATH of RFC 9162, 2.1.3.1, likewise. */
function pathOf(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return []
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), mth(leaves.slice(0, k))]
}

const leavesUpTo = (count: number) => Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`))

/** A tree with everything that a store would keep of it. */
function grow(leaves: readonly Uint8Array[]) {
  const tree = new MerkleTree()
  const stored = new Map<string, Uint8Array>()
  for (const [index, leaf] of leaves.entries()) {
    const hash = hashLeaf(leaf)
    stored.set(`0/${index}`, hash)
    for (const subtree of tree.append(hash)) stored.set(nameOf(subtree), subtree.hash)
  }
  const read = async (level: number, from: number, count: number) =>
    Array.from({ length: count }, (_, i) => stored.get(`${level}/${from + i}`)).filter(
      hash => hash !== undefined,
    )
  return { tree, stored, read }
}
const nameOf = ({ level, index }: Pick<Subtree, 'level' | 'index'>) => `${level}/${index}`

describe('the Merkle tree (RFC 9162, 2.1.1)', () => {
  it('does not grow from peaks that are fewer than its size says', () => {
    const [one, two] = leavesUpTo(2).map(hashLeaf)
    assert.ok(one !== undefined && two !== undefined)
    assert.deepEqual(new MerkleTree(1, [one]).append(two), [])
    assert.throws(() => new MerkleTree(1, []).append(two), /fewer than the size says/)
  })

  it('has the root of its definition at every size up to 300', () => {
    const leaves = leavesUpTo(300)
    const tree = new MerkleTree()
    assert.equal(toHex(tree.root()), toHex(mth([])))
    for (const [i, leaf] of leaves.entries()) {
      tree.append(hashLeaf(leaf))
      assert.equal(toHex(tree.root()), toHex(mth(leaves.slice(0, i + 1))), `size ${i + 1}`)
    }
  })

  it('has the roots that the certificate-transparency test data gives', () => {
    // google/certificate-transparency, Apache-2.0, cpp/merkletree/merkle_tree_test.cc: inputs and root hashes.
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ]
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]
    const tree = new MerkleTree()
    for (const [i, input] of inputs.entries()) {
      tree.append(hashLeaf(Buffer.from(input, 'hex')))
      assert.equal(toHex(tree.root()), roots[i])
    }
  })

  it('hands out the subtrees of 2^8 and 2^16 leaves when they are complete', () => {
    const { stored } = grow(leavesUpTo(2 ** 16 + 300))
    const names = [...stored.keys()].filter(name => !name.startsWith('0/'))
    const eighth = Array.from({ length: 257 }, (_, i) => `8/${i}`)
    assert.deepEqual(new Set(names), new Set([...eighth, '16/0']))
    assert.equal(toHex(stored.get('8/1') ?? new Uint8Array()), toHex(mth(leavesUpTo(512).slice(256))))
  })

  it('leaves a copy behind when it grows', () => {
    const { tree } = grow(leavesUpTo(5))
    const copy = tree.copy()
    tree.append(hashLeaf(Buffer.from('more')))
    assert.equal(toHex(copy.root()), toHex(mth(leavesUpTo(5))))
  })
})

describe('inclusion paths (RFC 9162, 2.1.3.1)', () => {
  it('are those of the definition for every leaf of every size up to 40', async () => {
    const { read } = grow(leavesUpTo(40))
    for (let size = 1; size <= 40; size++) {
      for (let index = 0; index < size; index++) {
        assert.deepEqual(await inclusionPath(index, size, read), pathOf(index, leavesUpTo(size)))
      }
    }
  })

  it('are those of the definition across stored subtrees, also for a tree that has grown since', async () => {
    const { read } = grow(leavesUpTo(1100))
    for (const size of [255, 256, 257, 511, 512, 513, 1024, 1100]) {
      for (const index of [0, 1, 254, 255, 256, 300, 511, 512, 1023, size - 1].filter(at => at < size)) {
        assert.deepEqual(await inclusionPath(index, size, read), pathOf(index, leavesUpTo(size)))
      }
    }
  })

  it('read a few hundred hashes, however long the log is', async () => {
    const { read } = grow(leavesUpTo(70_000))
    let hashes = 0
    await inclusionPath(12_345, 70_000, (level, from, count) => {
      hashes += count
      return read(level, from, count)
    })
    assert.ok(hashes < 1024, `${hashes} hashes`)
  })
})
