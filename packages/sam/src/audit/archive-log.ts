/**
 * `audit/archive` — leaves of this SAM's activity log leave the database (threats, T-AUD-12).
 *
 * Written to the archive and on its disk, shown to be the beginning of the log's head, signed; then, in one transaction
 * with a leaf that says so, deleted. Broken off in between, the same leaves are in both, and the next time goes on from
 * there. Whole blocks only: what proofs about the others need of these is stored beside.
 */

import { nodePlatform } from '@natsuin/pki/node'
import { activityLeaf, activityLog, BLOCK_LEAVES, isConsistent, type LogName } from '@natsuin/protocol/log'
import type { AdministrationRequest, AdministrationResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { Archive } from './archive.ts'
import { hashLeaf, MerkleTree } from './merkle-tree.ts'
import { consistencyProof } from './stored-proofs.ts'

const PIECE_LEAVES = 16 * BLOCK_LEAVES

/** @throws Refusal `log-unavailable` when there is no archive, or what is stored is not the log */
export async function archiveLog(
  sam: Sam,
  { before }: AdministrationRequest<'audit/archive'>,
): Promise<AdministrationResponse<'audit/archive'>> {
  const { archive, checkpoints, identity } = sam
  if (archive === undefined) throw refuse('log-unavailable', { archive: 'none' })
  const log = activityLog(identity.instance)
  await checkpoints.activity.copyOutside()
  const upTo = await wholeBlocksBefore(sam, log, before)
  for (let from = archive.size(log); from < upTo; from = archive.size(log)) {
    await archive.append(log, await leavesOf(sam, log, from, Math.min(PIECE_LEAVES, upTo - from)))
  }
  const size = archive.size(log)
  if (size > 0) await release(sam, archive, log, size)
  return { size }
}

/** Everything that is in the archive by now. */
async function release(sam: Sam, archive: Archive, log: LogName, size: number): Promise<void> {
  const { head } = sam.logs.activity
  const rootHash = await rootOf(archive, log)
  const proof = await consistencyProof(size, head.size, (level, from, count) =>
    sam.store.hashes(log, level, from, count),
  )
  if (!(await isConsistent({ size, rootHash }, head, proof, nodePlatform))) {
    throw refuse('log-unavailable', { log, size, archive: 'another log' })
  }
  const checkpoint = await sam.key.signCheckpoint({ origin: head.origin, size, rootHash })
  await archive.sign(log, { checkpoint, samKey: sam.key.spki })
  await sam.logs.activity.append({
    leaves: [{ event: 'archived', at: sam.time.milliseconds(), size }],
    forgetBefore: size,
  })
}

async function rootOf(archive: Archive, log: LogName): Promise<Uint8Array> {
  const tree = new MerkleTree()
  while (tree.size < archive.size(log)) {
    for (const { hash } of archive.rows(log, tree.size, PIECE_LEAVES)) tree.append(hash)
    // Others are to be answered meanwhile.
    await new Promise(setImmediate)
  }
  return tree.root()
}

async function leavesOf({ store }: Sam, log: LogName, from: number, count: number): Promise<Uint8Array[]> {
  const rows = await store.rows(log, from, count)
  const isWhole =
    rows.length === count &&
    rows.every(({ index, leaf, hash }, i) => index === from + i && isHash(leaf, hash))
  if (!isWhole) throw refuse('log-unavailable', { log, from })
  return rows.map(({ leaf }) => leaf)
}

const isHash = (leaf: Uint8Array, hash: Uint8Array) => Buffer.compare(hashLeaf(leaf), hash) === 0

/** Within the copy outside; by halves, since times in this log never go back. */
async function wholeBlocksBefore({ store, checkpoints }: Sam, log: LogName, before: number): Promise<number> {
  let [low, high] = [0, Math.floor(checkpoints.activity.copied / BLOCK_LEAVES)]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const [last] = await store.rows(log, middle * BLOCK_LEAVES - 1, 1)
    const isBefore = last !== undefined && readStrictJson(last.leaf, activityLeaf).at < before
    if (isBefore) low = middle
    else high = middle - 1
  }
  return low * BLOCK_LEAVES
}
