/**
 * The threads that documents are read and signed in: a few, each with one document at a time, a deadline and a limit on its
 * memory. Who waits is counted; when too many wait nobody else may (T-DOS-03, T-DOS-07).
 */
import { startThread, type Thread } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { ServerRefusal } from '../signing/refusals.ts'
import { DocumentRefused, refusalAcross } from './refusal.ts'
import type {
  DocumentAnswer,
  DocumentQuestion,
  DocumentTask,
  MadeSignature,
  PreparedDocument,
  ValidationInfo,
} from './task.ts'

export interface DocumentThreads {
  /** @throws DocumentRefused, or Refusal `documents-busy` */
  prepare(task: DocumentTask): Promise<PreparedDocument>
  /** Writes the file. @throws DocumentRefused, or Refusal `documents-busy` */
  complete(
    task: DocumentTask,
    prepared: PreparedDocument,
    made: MadeSignature,
  ): Promise<ValidationInfo | undefined>
  close(): Promise<void>
}

export interface ThreadLimits {
  readonly threads: number
  readonly waiting: number
  /** For one question, with what it asks of the authorities. */
  readonly milliseconds: number
  readonly megabytes: number
}

const LIMITS: ThreadLimits = { threads: 2, waiting: 64, milliseconds: 60_000, megabytes: 384 }
const DOCUMENT_THREAD = new URL('./document-thread.ts', import.meta.url)

export function startDocumentThreads(
  { threads, waiting, milliseconds, megabytes }: ThreadLimits = LIMITS,
  entry = DOCUMENT_THREAD,
): DocumentThreads {
  const turns = new Turns(threads, waiting)
  const idle: Thread<DocumentQuestion, DocumentAnswer>[] = []
  const ask = async (question: DocumentQuestion): Promise<DocumentAnswer> => {
    const leave = await turns.enter()
    const thread = idle.pop() ?? startThread(entry, undefined, { maxOldGenerationSizeMb: megabytes })
    try {
      const answer = await within(milliseconds, thread, question)
      idle.push(thread)
      return answer
    } catch (error) {
      throw await afterwards(error, thread, idle)
    } finally {
      leave()
    }
  }
  return {
    // Each question has its own kind of answer.
    prepare: async task => (await ask({ step: 'prepare', task })) as PreparedDocument,
    complete: async (task, prepared, made) =>
      (await ask({ step: 'complete', task, prepared, made })) as ValidationInfo | undefined,
    close: async () => void (await Promise.all(idle.splice(0).map(thread => thread.end()))),
  }
}

type DocumentThread = Thread<DocumentQuestion, DocumentAnswer>

async function within(milliseconds: number, thread: DocumentThread, question: DocumentQuestion) {
  const timer = setTimeout(() => void thread.end(), milliseconds)
  try {
    return await thread.ask(question)
  } finally {
    clearTimeout(timer)
  }
}

/** A refusal leaves the thread as it was; whatever else happened, another one takes its place. */
async function afterwards(error: unknown, thread: DocumentThread, idle: DocumentThread[]): Promise<unknown> {
  const refused = refusalAcross(error)
  if (refused !== undefined) {
    idle.push(thread)
    return refused
  }
  await thread.end()
  return isEnd(error) ? new DocumentRefused('document-too-much-work', '', { cause: error }) : error
}

/** By deadline, or because there was no memory left: what a thread that ended says. */
const isEnd = (error: unknown): boolean => error instanceof Error && error.message === 'the thread has ended'

/** So many at once, so many who wait. */
class Turns {
  readonly #waiting: (() => void)[] = []
  readonly #most: number
  #free: number

  constructor(atOnce: number, waiting: number) {
    this.#free = atOnce
    this.#most = waiting
  }

  /** @returns what ends the turn */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await this.#wait()
    return () => this.#next()
  }

  async #wait(): Promise<void> {
    if (this.#waiting.length >= this.#most) throw new Refusal<ServerRefusal>('documents-busy')
    await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #next(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
