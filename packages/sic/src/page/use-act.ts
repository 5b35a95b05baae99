/** Running one act at a time: what is being waited for, what went wrong, and where to go when it is done. */
import { useState } from 'preact/hooks'
import type { Sentence } from '../../../../faces/language.ts'
import { messages } from './messages.ts'
import { asProblem, type Problem } from './problem.ts'

/** Does its work, says what it waits for, and returns the address to go to. */
export type Act = (wait: (sentence: Sentence) => void) => Promise<string>

export function useAct() {
  const [waiting, setWaiting] = useState<Sentence>()
  const [problem, setProblem] = useState<Problem>()
  const attempt = async (work: () => Promise<void>) => {
    setProblem(undefined)
    try {
      await work()
    } catch (error) {
      console.warn(error)
      setWaiting(undefined)
      setProblem(asProblem(error))
    }
  }
  /** Leaves the page when it is done. */
  const act = (work: Act) =>
    attempt(async () => {
      const next = await work(setWaiting)
      setWaiting(messages.leaving)
      location.replace(next)
    })
  /** One step of several on this page. */
  const run = (sentence: Sentence, work: () => Promise<void>) =>
    attempt(async () => {
      setWaiting(sentence)
      await work()
      setWaiting(undefined)
    })
  return { waiting, problem, act, run }
}
