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
  const act = async (run: Act) => {
    setProblem(undefined)
    try {
      const next = await run(setWaiting)
      setWaiting(messages.leaving)
      location.replace(next)
    } catch (error) {
      console.warn(error)
      setWaiting(undefined)
      setProblem(asProblem(error))
    }
  }
  return { waiting, problem, act }
}
