/**
 * Reads one exported log from its first leaf on and compares it with its signed head and with what is known of it from
 * elsewhere; what its leaves say is judged only of a log that is whole.
 */
import { equal } from '@natsuin/pki/encoding'
import type { Platform } from '@natsuin/pki/platform'
import { BLOCK_LEAVES, type Leaf, type LeafEvent, type TreeHead } from '@natsuin/protocol/log'
import { readStrictJson, type Shape, ShapeError } from '@natsuin/protocol/shape'
import type { ExportedLog } from './question.ts'
import { LogTree } from './tree.ts'
import { type AuditedLog, AuditFailure } from './verdict.ts'

/** A head of the log that was signed or kept at another time. */
export interface KnownHead extends Pick<TreeHead, 'size' | 'rootHash'> {
  /** Who says so. */
  readonly by: string
}

export interface LogReading<L extends Leaf> {
  readonly head: TreeHead
  readonly known: readonly KnownHead[]
  readonly shape: Shape<L>
  /** What a SAM would not have written after what stands before it, in words. */
  readonly judge: (leaf: L, index: number) => string | undefined
  readonly platform: Platform
}

export type LogContents = Omit<AuditedLog, 'name' | 'size' | 'witnesses' | 'open'>

/** @throws AuditFailure */
export async function readLog<L extends Leaf>(
  log: ExportedLog,
  { head, known, shape, judge, platform }: LogReading<L>,
): Promise<LogContents> {
  const tree = new LogTree(platform)
  const whole = new Comparison(log, head, known)
  const contents = new Contents()
  let contradiction: AuditFailure | undefined
  await whole.compare(tree)
  for await (const bytes of log.leaves) {
    const index = tree.size
    if (index === head.size) throw whole.failure('leaves-surplus', `the signed head has ${head.size} leaves`)
    whole.takeBlock(await tree.add(bytes))
    await whole.compare(tree)
    const leaf = readLeaf(bytes, shape, { log: log.name, from: index, to: index + 1 })
    contents.take(leaf)
    const wrong = judge(leaf, index)
    if (wrong !== undefined && contradiction === undefined) {
      const place = { log: log.name, from: index, to: index + 1 }
      contradiction = new AuditFailure('records-contradict', `leaf ${index}: ${wrong}`, place)
    }
  }
  await whole.finish(tree)
  if (contradiction !== undefined) throw contradiction
  return contents.counted()
}

/** Whether the leaves so far are those of the heads; where not, if the roots of blocks tell. */
class Comparison {
  readonly #log: ExportedLog
  readonly #head: TreeHead
  readonly #known: readonly KnownHead[]
  #differs: AuditFailure | undefined
  #blocks = 0
  #firstOther: number | undefined

  constructor(log: ExportedLog, head: TreeHead, known: readonly KnownHead[]) {
    this.#log = log
    this.#head = head
    this.#known = known
  }

  takeBlock(root: Uint8Array | undefined): void {
    if (root === undefined) return
    const said = this.#log.blocks?.[this.#blocks]
    if (said !== undefined && !equal(said, root)) this.#firstOther ??= this.#blocks
    this.#blocks += 1
  }

  /** The history up to here, with heads of just this size. */
  async compare(tree: LogTree): Promise<void> {
    for (const { size, rootHash, by } of this.#known) {
      if (size !== tree.size || equal(await tree.root(), rootHash)) continue
      const place = { log: this.#log.name, from: 0, to: size }
      this.#differs ??= new AuditFailure(
        'history-differs',
        `its first ${size} leaves are not those ${by}`,
        place,
      )
    }
  }

  /** @throws AuditFailure */
  async finish(tree: LogTree): Promise<void> {
    const { size, rootHash } = this.#head
    if (tree.size < size) throw this.failure('leaves-missing', `${tree.size} of ${size} leaves are there`)
    if (!equal(await tree.root(), rootHash))
      throw this.failure('leaves-changed', 'the leaves do not lead to the signed head')
    if (this.#differs !== undefined) throw this.#differs
    const longest = this.#known.find(known => known.size > size)
    if (longest !== undefined)
      throw this.failure('leaves-missing', `there are ${longest.size} leaves in the one ${longest.by}`)
  }

  /** Everything before the first block with another root is in order. */
  failure(reason: 'leaves-missing' | 'leaves-surplus' | 'leaves-changed', detail: string): AuditFailure {
    const { name, blocks } = this.#log
    const size = this.#head.size
    const block = blocks === undefined ? 0 : (this.#firstOther ?? this.#blocks)
    const from = block * BLOCK_LEAVES
    const to = blocks === undefined ? size : Math.min(from + BLOCK_LEAVES, size)
    return new AuditFailure(reason, detail, { log: name, from, to })
  }
}

function readLeaf<L extends Leaf>(bytes: Uint8Array, shape: Shape<L>, place: AuditFailure['place']): L {
  try {
    return readStrictJson(bytes, shape)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new AuditFailure('leaf-unreadable', error.message, place)
  }
}

class Contents {
  readonly #events: Partial<Record<LeafEvent, number>> = {}
  #first: number | undefined
  #last: number | undefined
  #timesBack = 0

  take({ event, at }: Leaf): void {
    this.#events[event] = (this.#events[event] ?? 0) + 1
    this.#first ??= at
    if (at < (this.#last ?? at)) this.#timesBack += 1
    this.#last = at
  }

  counted(): LogContents {
    const dateOf = (at: number | undefined) => (at === undefined ? undefined : new Date(at))
    const times = { firstAt: dateOf(this.#first), lastAt: dateOf(this.#last), timesBack: this.#timesBack }
    return { ...times, events: this.#events }
  }
}
