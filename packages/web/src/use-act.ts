/** Running one act at a time: what is being waited for, and what went wrong. */
import { useState } from 'preact/hooks'
import type { Sentence } from '../../../faces/language.ts'
import { type Failure, failureOf } from './failure.ts'

export function useAct() {
  const [waiting, setWaiting] = useState<Sentence>()
  const [failure, setFailure] = useState<Failure>()
  const act = async (sentence: Sentence, run: () => Promise<void>) => {
    setFailure(undefined)
    setWaiting(sentence)
    try {
      await run()
    } catch (error) {
      console.warn(error)
      setFailure(failureOf(error))
    } finally {
      setWaiting(undefined)
    }
  }
  return { waiting, failure, act }
}
