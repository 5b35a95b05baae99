/** A judge's process: started once, asked by lines, answers in the order of the questions. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Answer, Question } from './judge.ts'

/** Also of a client that only does what it is told: then it is asked to do it. */
export interface JudgeProcess<Q = Question, A = Answer> {
  ask(question: Q): Promise<A>
  /** Lets it end; resolves when it has. */
  dismiss(): Promise<void>
}

interface Waiting<A> {
  readonly resolve: (answer: A) => void
  readonly reject: (error: Error) => void
}

/** A judge that says nothing for so long while it is asked has gone wrong. */
const SILENCE_MS = 3 * 60_000

export function startJudge<Q = Question, A = Answer>([
  command = '',
  ...argv
]: readonly string[]): JudgeProcess<Q, A> {
  const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting: Waiting<A>[] = []
  let complaints = ''
  let patience: NodeJS.Timeout | undefined
  const beginToWait = () => {
    clearTimeout(patience)
    if (waiting.length > 0) patience = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS)
  }
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000)
  })
  createInterface({ input: child.stdout }).on('line', line => {
    waiting.shift()?.resolve(JSON.parse(line) as A)
    beginToWait()
  })
  const ended = new Promise<void>(resolve => {
    child.on('close', () => {
      clearTimeout(patience)
      for (const { reject } of waiting.splice(0)) reject(new Error(`${command} ended:\n${complaints}`))
      resolve()
    })
  })
  child.on('error', error => {
    complaints = error.message
  })
  // An end before all is asked shows in the answers that do not come.
  child.stdin.on('error', () => undefined)
  return {
    ask: question =>
      new Promise((resolve, reject) => {
        if (child.exitCode !== null) return reject(new Error(`${command} has ended:\n${complaints}`))
        waiting.push({ resolve, reject })
        if (waiting.length === 1) beginToWait()
        child.stdin.write(`${JSON.stringify(question)}\n`)
      }),
    dismiss: () => {
      child.stdin.end()
      return ended
    },
  }
}
