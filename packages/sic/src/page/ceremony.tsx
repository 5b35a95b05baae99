/** What both ceremonies show: problems, and the time that is left. */
import { useEffect, useState } from 'preact/hooks'
import { useSay } from '../../../../faces/frame.tsx'
import { messages, problemMessages } from './messages.ts'
import type { Problem, ProblemCode } from './problem.ts'
import { secondsLeft } from './ticket.ts'

/** Problems after which trying again on this page can help. */
const RETRY: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'passkey-not-given',
  'code-wrong',
  'passkey-unavailable',
  'window-blocked',
  'log-in-not-given',
  'log-in-refused',
  'log-in-stale',
  'log-in-insufficient',
  'log-in-account',
  'provider-unavailable',
  'server-unreachable',
  'service-unavailable',
  'document-not-prepared',
  'document-unknown',
  'document-unreadable',
  'document-too-large',
  'document-changed',
])

export const canRetry = (problem: Problem): boolean => RETRY.has(problem.code)

export function ProblemNotice({ problem }: { problem: Problem }) {
  const say = useSay()
  const reason = problem.evidence['error']
  return (
    <section class="notice bad" role="alert" data-problem={problem.code}>
      <h2>{say(canRetry(problem) ? messages.retryHeading : messages.problemHeading)}</h2>
      <p>{say(problemMessages[problem.code])}</p>
      <p class="quiet">
        {say(messages.problemCode)}: <code>{typeof reason === 'string' ? reason : problem.code}</code>
      </p>
    </section>
  )
}

interface Lifetime {
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Seconds left of a ticket received at `openedAt` (`performance.now()`), counted down each second. */
export function useSecondsLeft(ticket: Lifetime, openedAt: number): number {
  const read = () => secondsLeft(ticket, Date.now() / 1000, (performance.now() - openedAt) / 1000)
  const [left, setLeft] = useState(read)
  useEffect(() => {
    const timer = setInterval(() => setLeft(read()), 1000)
    return () => clearInterval(timer)
  }, [ticket, openedAt])
  return left
}

export function TimeLeft({ seconds }: { seconds: number }) {
  const say = useSay()
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return (
    <>
      <span class="clock">{seconds === 0 ? say(messages.timeOver) : clock}</span>
      {/* Read out once and not every second. */}
      <span class="unseen-text" role="status">
        {seconds > 0 && seconds <= 60 ? say(messages.minuteLeft) : ''}
      </span>
    </>
  )
}
