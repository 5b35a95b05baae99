/**
 * Takes over a log at start: recomputes it from its first leaf and compares (sole-control 9).
 *
 * Every stored hash is recomputed; the end must be sealed by a SAM; the log must extend every head of it that is
 * known from elsewhere (the copy kept outside the database, what the state log says of an activity log), root and
 * all. A log that fails any of this is not taken over, and the SAM does not start.
 */
import { equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { type Leaf, type TreeHead, verifyCheckpoint } from '@natsuin/protocol/log'
import { ShapeError } from '@natsuin/protocol/shape'
import { expectOnly } from '../expect-only.ts'
import { NewestTime } from '../time/newest-time.ts'
import type { MerkleTree } from './merkle-tree.ts'
import { emptyLog, type LogEnd, LogRejected, type LogSource, readOn } from './read-log.ts'

export interface OpenedLog extends LogEnd {
  /** Milliseconds; 0 before the first leaf. */
  readonly newestAt: number
}

/** @throws LogRejected */
export async function openLog<L extends Leaf>(
  source: LogSource<L>,
  known: readonly TreeHead[],
  replay: (leaf: L) => void,
): Promise<OpenedLog> {
  const { log, origin } = source
  for (const head of known) {
    if (head.origin !== origin) throw new LogRejected(`${log}: a head of the log ${head.origin}`)
  }
  const newest = new NewestTime()
  const end = await readOn(source, emptyLog(), (leaf, tree) => {
    for (const head of known) checkExtends(log, tree, head)
    newest.take(leaf)
    replay(leaf)
  })
  const longest = Math.max(...known.map(({ size }) => size))
  if (end.tree.size < longest) {
    throw new LogRejected(`${log}: it has ${end.tree.size} leaves, a head known from elsewhere ${longest}`)
  }
  return { ...end, newestAt: newest.milliseconds }
}

/** A head that this SAM signed. @throws LogRejected */
export async function genuineHead(checkpoint: string, samKey: Uint8Array): Promise<TreeHead> {
  try {
    const head = await verifyCheckpoint(checkpoint, samKey, nodePlatform)
    if (head !== undefined) return head
  } catch (error) {
    expectOnly(error, ShapeError)
  }
  throw new LogRejected('a checkpoint outside is none signed by this SAM')
}

function checkExtends(log: string, tree: MerkleTree, { size, rootHash }: TreeHead): void {
  if (tree.size === size && !equal(tree.root(), rootHash)) {
    throw new LogRejected(`${log}: it is another one than a head known from elsewhere says`)
  }
}
