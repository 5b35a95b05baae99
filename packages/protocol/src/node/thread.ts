/**
 * A thread that answers questions one after the other, for work that would otherwise stop this one: SQLite syncs
 * the disk inside the call, and a process that waits for the disk answers nobody.
 */
import { parentPort, type ResourceLimits, Worker } from 'node:worker_threads'

export interface Thread<Question, Answer> {
  /** @throws what the thread threw, or that it ended: then nobody knows whether it did what it was asked */
  ask(question: Question): Promise<Answer>
  end(): Promise<void>
}

interface Asked<Question> {
  readonly id: number
  readonly question: Question
}

/** `members`: what an error has beside its message, which no error keeps on its way between threads. */
interface Thrown {
  readonly error: unknown
  readonly members: object
}

type Answered<Answer> = { readonly id: number } & ({ readonly answer: Answer } | Thrown)

/**
 * @param entry the thread's file, which calls `answerQuestions`
 * @param data what it finds in `workerData`
 * @param resourceLimits how much memory it may have; a thread that wants more ends
 */
export function startThread<Question, Answer>(
  entry: URL,
  data: unknown,
  resourceLimits: ResourceLimits = {},
): Thread<Question, Answer> {
  const worker = new Worker(entry, { workerData: data, resourceLimits })
  const waiting = new Map<number, PromiseWithResolvers<Answer>>()
  let asked = 0
  let ended: Error | undefined
  const fail = (cause: unknown) => {
    ended ??= new Error('the thread has ended', { cause })
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  worker.on('message', (answered: Answered<Answer>) => {
    settle(waiting, answered)
    if (waiting.size === 0) worker.unref()
  })
  worker.on('error', fail)
  worker.on('exit', fail)
  // The process may end when the thread has nothing to do, and only then.
  worker.unref()
  return {
    ask(question) {
      if (ended !== undefined) return Promise.reject(ended)
      const id = asked++
      const settled = Promise.withResolvers<Answer>()
      waiting.set(id, settled)
      worker.ref()
      worker.postMessage({ id, question } satisfies Asked<Question>)
      return settled.promise
    },
    end: async () => void (await worker.terminate()),
  }
}

function settle<Answer>(
  waiting: Map<number, PromiseWithResolvers<Answer>>,
  answered: Answered<Answer>,
): void {
  const settled = waiting.get(answered.id)
  waiting.delete(answered.id)
  if ('error' in answered) settled?.reject(Object.assign(Object(answered.error), answered.members))
  else settled?.resolve(answered.answer)
}

/**
 * In the thread: answers each question, or throws to whoever asked. One that takes its time lets the next ones overtake it.
 */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Answer | Promise<Answer>,
): void {
  parentPort?.on('message', async ({ id, question }: Asked<Question>) => {
    const answered = await attempt(() => answer(question))
    parentPort?.postMessage({ id, ...answered } satisfies Answered<Answer>)
  })
}

async function attempt<Answer>(act: () => Answer | Promise<Answer>): Promise<{ answer: Answer } | Thrown> {
  try {
    return { answer: await act() }
  } catch (error) {
    return { error, members: { ...Object(error) } }
  }
}
