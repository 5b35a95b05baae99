/**
 * The threads that documents are read and signed in: a few, each with one document at a time, a deadline and a limit on its
 * memory. A call counts once, however many documents it has, and asks about one after another; when too many calls are there
 * nobody else may come (T-DOS-03, T-DOS-07). Who is let in is never turned away later: between his questions the key signs.
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

/** What a call that was let in may ask, one question at a time. */
export interface DocumentQuestions {
  /** @throws DocumentRefused */
  prepare(task: DocumentTask): Promise<PreparedDocument>
  /** Writes the file. @throws DocumentRefused */
  complete(
    task: DocumentTask,
    prepared: PreparedDocument,
    made: MadeSignature,
  ): Promise<ValidationInfo | undefined>
}

export interface DocumentThreads {
  /** Lets a call in until its work has ended. @throws Refusal `documents-busy`, before any of the work */
  admit<T>(work: (questions: DocumentQuestions) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface ThreadLimits {
  readonly threads: number
  /** How many calls may be there beside those that a thread is free for. */
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
  const turns = new Turns(threads)
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
  // Each question has its own kind of answer.
  const questions: DocumentQuestions = {
    prepare: async task => (await ask({ step: 'prepare', task })) as PreparedDocument,
    complete: async (task, prepared, made) =>
      (await ask({ step: 'complete', task, prepared, made })) as ValidationInfo | undefined,
  }
  const calls = new Calls(threads + waiting)
  return {
    admit: work => calls.during(() => work(questions)),
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

/** So many are there, and no more. */
class Calls {
  #free: number

  constructor(most: number) {
    this.#free = most
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) throw new Refusal<ServerRefusal>('documents-busy')
    this.#free -= 1
    try {
      return await work()
    } finally {
      this.#free += 1
    }
  }
}

/** So many at once; of those who wait there are no more than calls. */
class Turns {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /** @returns what ends the turn */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    return () => this.#next()
  }

  #next(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
