/**
 * Inclusion and consistency proofs and roots from stored hashes: PATH(m, D[n]), PROOF(m, D[n]) and MTH(D[n]) of RFC
 * 9162, 2.1.3.1, 2.1.4.1 and 2.1.1.
 *
 * The tree may have grown since: a proof is about the first `size` leaves, whose subtrees never change.
 */
import { hashNodes, MerkleTree, STORED_LEVELS } from './merkle-tree.ts'

/** `count` hashes of complete subtrees of 2^level leaves, from the one numbered `from`. */
export type ReadHashes = (level: number, from: number, count: number) => Promise<readonly Uint8Array[]>

/** Sibling hashes from the leaf up to the root of the tree over the first `size` leaves. */
export function inclusionPath(index: number, size: number, read: ReadHashes): Promise<Uint8Array[]> {
  return path(index, { start: 0, end: size }, read)
}

/** The root of the tree over the first `size` leaves, of which there is at least one. */
export function storedRoot(size: number, read: ReadHashes): Promise<Uint8Array> {
  return rootOf({ start: 0, end: size }, read)
}

/** That the tree over the first `first` leaves is the beginning of the one over the first `second`; 0 < first. */
export function consistencyProof(first: number, second: number, read: ReadHashes): Promise<Uint8Array[]> {
  return first === second ? Promise.resolve([]) : subproof(first, { start: 0, end: second }, true, read)
}

/** SUBPROOF. @param isWhole whether the first tree's root is known to whoever verifies */
async function subproof(
  first: number,
  range: Range,
  isWhole: boolean,
  read: ReadHashes,
): Promise<Uint8Array[]> {
  if (first === range.end) return isWhole ? [] : [await rootOf(range, read)]
  const [left, right] = split(range)
  return first <= left.end
    ? [...(await subproof(first, left, isWhole, read)), await rootOf(right, read)]
    : [...(await subproof(first, right, false, read)), await rootOf(left, read)]
}

/** Leaves `start` to `end - 1`. */
interface Range {
  readonly start: number
  readonly end: number
}

async function path(index: number, range: Range, read: ReadHashes): Promise<Uint8Array[]> {
  if (range.end - range.start === 1) return []
  const [left, right] = split(range)
  const [inside, sibling] = index < left.end ? [left, right] : [right, left]
  return [...(await path(index, inside, read)), await rootOf(sibling, read)]
}

async function rootOf(range: Range, read: ReadHashes): Promise<Uint8Array> {
  const level = Math.log2(range.end - range.start)
  if (Number.isInteger(level)) return completeRoot(level, range.start / 2 ** level, read)
  const [left, right] = split(range)
  return hashNodes(await rootOf(left, read), await rootOf(right, read))
}

/** The left part is the largest power of two smaller than the whole: RFC 9162, 2.1.1. */
function split({ start, end }: Range): readonly [Range, Range] {
  const middle = start + 2 ** (Math.ceil(Math.log2(end - start)) - 1)
  return [
    { start, end: middle },
    { start: middle, end },
  ]
}

async function completeRoot(level: number, index: number, read: ReadHashes): Promise<Uint8Array> {
  const above = level % STORED_LEVELS
  const stored = await read(level - above, index * 2 ** above, 2 ** above)
  if (stored.length !== 2 ** above) throw new Error('the log lacks hashes that it must have stored')
  const tree = new MerkleTree()
  for (const hash of stored) tree.append(hash)
  return tree.root()
}
