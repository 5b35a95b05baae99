/**
 * The documents that the page holds, by the items that they are: handed over by the application's window, fetched, or
 * put there by the signer. Looks at a few at a time, and says how far it is.
 */
import { asProblem, type Problem } from '../problem.ts'
import type { Examiner, SeenDocument } from './document.ts'

export interface DocumentsView {
  /** By index of their item. */
  readonly seen: ReadonlyMap<number, SeenDocument>
  /** Items whose document the page could not show. */
  readonly unshown: ReadonlySet<number>
  /** How many documents are still to be looked at. */
  readonly waiting: number
  /** How many were none that was asked for, and what was wrong with the newest. */
  readonly refused: number
  readonly problem: Problem | undefined
}

export interface Taken {
  readonly matched: number
  readonly refused: number
}

/** So many documents are read at once: enough to keep disk and digest busy, few enough for their memory. */
const LANES = 4

export class DocumentBook {
  readonly #examiner: Examiner
  readonly #changed: () => void
  readonly #queue: { readonly blob: Blob; readonly done: (matched: boolean) => void }[] = []
  #view: DocumentsView = { seen: new Map(), unshown: new Set(), waiting: 0, refused: 0, problem: undefined }
  #lanes = 0

  /** @param onChange called soon after the view has changed, once for many changes */
  constructor(examiner: Examiner, onChange: (view: DocumentsView) => void) {
    this.#examiner = examiner
    this.#changed = soon(() => onChange(this.#view))
  }

  get view(): DocumentsView {
    return this.#view
  }

  /** The signer puts something else there: what was wrong before is of no interest any more. */
  forgetProblems(): void {
    this.#update({ problem: undefined, refused: 0 })
  }

  /** Looks at all of them. */
  async take(blobs: readonly Blob[]): Promise<Taken> {
    this.#update({ waiting: this.#view.waiting + blobs.length })
    const outcomes = blobs.map(blob => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      this.#queue.push({ blob, done: resolve })
      return promise
    })
    while (this.#lanes < LANES && this.#lanes < this.#queue.length) void this.#work()
    const matched = (await Promise.all(outcomes)).filter(Boolean).length
    return { matched, refused: blobs.length - matched }
  }

  /** The bytes to show, if they are still those that were seen; else the item is not seen any more. @throws Problem */
  async show(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const document = this.#view.seen.get(index)
    if (document === undefined) throw new Error(`item ${index} has no document`)
    try {
      return await this.#examiner.bytesAgain(document, index)
    } catch (error) {
      const seen = new Map(this.#view.seen)
      seen.delete(index)
      this.#update({ seen, problem: asProblem(error) })
      throw error
    }
  }

  /** The page tried to show the document of this item and could not. */
  couldNotShow(index: number): void {
    this.#update({ unshown: new Set([...this.#view.unshown, index]) })
  }

  async #work(): Promise<void> {
    this.#lanes += 1
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      next.done(await this.#look(next.blob))
    }
    this.#lanes -= 1
  }

  async #look(blob: Blob): Promise<boolean> {
    const waiting = () => this.#view.waiting - 1
    try {
      const { indexes, document } = await this.#examiner.examine(blob)
      const seen = new Map(this.#view.seen)
      for (const index of indexes) seen.set(index, document)
      this.#update({ seen, waiting: waiting() })
      return true
    } catch (error) {
      this.#update({ problem: asProblem(error), refused: this.#view.refused + 1, waiting: waiting() })
      return false
    }
  }

  #update(members: Partial<DocumentsView>): void {
    this.#view = { ...this.#view, ...members }
    this.#changed()
  }
}

const SOON_MS = 60

/** One call for all that are asked for within a moment. */
function soon(call: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    setTimeout(() => {
      isDue = false
      call()
    }, SOON_MS)
  }
}
