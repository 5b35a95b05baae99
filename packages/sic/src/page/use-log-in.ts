/** One log-in at an identity provider at a time, which the person may give up. */
import type { GivenCode } from '@natsuin/protocol/approval'
import { useRef } from 'preact/hooks'
import { type LogInQuestion, logInAtProvider } from './log-in.ts'

export interface LogIns {
  /** To be called while a click is being handled. @throws Problem */
  readonly logIn: (question: Omit<LogInQuestion, 'signal'>) => Promise<GivenCode>
  readonly giveUp: () => void
}

export function useLogIn(): LogIns {
  const running = useRef<AbortController>(undefined)
  return {
    logIn(question) {
      running.current?.abort()
      const controller = new AbortController()
      running.current = controller
      return logInAtProvider({ ...question, signal: controller.signal })
    },
    giveUp: () => running.current?.abort(),
  }
}
