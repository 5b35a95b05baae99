/**
 * Reads a log on from where its reader stands, and believes it only when a SAM sealed its end.
 *
 * Every leaf is hashed again, so the seal speaks for all of them, those that the reader knew before included.
 */
import { equal } from '@natsuin/pki/encoding'
import type { Leaf, LogName } from '@natsuin/protocol/log'
import { readStrictJson, type Shape } from '@natsuin/protocol/shape'
import type { LogRow, Store } from '../store/store.ts'
import type { HeadSeal } from './head-seal.ts'
import { hashLeaf, MerkleTree } from './merkle-tree.ts'

export interface LogSource<L extends Leaf> {
  readonly store: Store
  readonly log: LogName
  /** As in its checkpoints. */
  readonly origin: string
  readonly shape: Shape<L>
  readonly seal: HeadSeal
}

/** How far a log is known. */
export interface LogEnd {
  readonly tree: MerkleTree
  /** Hash of the newest leaf; undefined before the first. */
  readonly newest: Uint8Array | undefined
}

export const emptyLog = (): LogEnd => ({ tree: new MerkleTree(), newest: undefined })

/** The log is not what the SAMs of this deployment wrote. */
export class LogRejected extends Error {
  readonly code = 'log-rejected'
}

const ROWS_PER_READ = 4096

/**
 * The end of the log as it is now; the same one when nothing was added.
 * @param take is told of each leaf with the tree that it completes, before it is known that the end is genuine
 * @throws LogRejected
 */
export async function readOn<L extends Leaf>(
  source: LogSource<L>,
  end: LogEnd,
  take: (leaf: L, tree: MerkleTree) => void,
): Promise<LogEnd> {
  const { store, log } = source
  const tree = end.tree.copy()
  let last: LogRow | undefined
  await checkStands(source, end)
  for (;;) {
    const rows = await store.rows(log, tree.size, ROWS_PER_READ)
    for (const row of rows) take(append(source, tree, row), tree)
    last = rows.at(-1) ?? last
    if (rows.length < ROWS_PER_READ) break
  }
  if (last === undefined) return end
  checkSealed(source, tree, last)
  return { tree, newest: last.hash }
}

/** That the newest leaf that is known is where it was. @throws LogRejected */
async function checkStands<L extends Leaf>({ store, log }: LogSource<L>, end: LogEnd): Promise<void> {
  const { tree, newest } = end
  if (newest === undefined) return
  const [row] = await store.rows(log, tree.size - 1, 1)
  if (row === undefined || !equal(row.hash, newest))
    throw new LogRejected(`${log}: it lost leaf ${tree.size - 1}`)
}

function append<L extends Leaf>({ log, shape }: LogSource<L>, tree: MerkleTree, row: LogRow): L {
  const { size } = tree
  const hash = hashLeaf(row.leaf)
  if (row.index !== size || !equal(hash, row.hash)) {
    throw new LogRejected(`${log}: leaf ${size} is missing or was changed`)
  }
  tree.append(hash)
  try {
    return readStrictJson(row.leaf, shape)
  } catch (error) {
    throw new LogRejected(`${log}: leaf ${size} is not a record of this log`, { cause: error })
  }
}

function checkSealed<L extends Leaf>(
  { log, origin, seal }: LogSource<L>,
  tree: MerkleTree,
  last: LogRow,
): void {
  const head = { origin, size: tree.size, rootHash: tree.root() }
  if (!seal.isGenuine(head, last.head)) throw new LogRejected(`${log}: its end was not written by a SAM`)
}
