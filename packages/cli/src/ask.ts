/** Questions at the terminal: on standard error, so that standard output holds answers alone. */
import { createInterface } from 'node:readline'
import { UsageError } from './command.ts'

/** Asks a person; the answer, or the default when he just presses Enter. @throws UsageError when nobody is there */
export type Ask = (text: string, byDefault: string) => Promise<string>

export interface Questions {
  readonly ask: Ask
  close(): void
}

/** What is typed, or piped, before it is asked for is kept for the next question. */
export function openQuestions(): Questions {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const lines = terminal[Symbol.asyncIterator]()
  return {
    async ask(text, byDefault) {
      const prompt = byDefault === '' ? `${text} ` : `${text}\n  [${byDefault}] `
      if (process.stdin.isTTY) {
        terminal.setPrompt(prompt)
        terminal.prompt()
      } else process.stderr.write(prompt)
      const { value, done } = await lines.next()
      if (done === true) throw new UsageError('The answers ended before the questions.')
      const answer = value.trim()
      return answer === '' ? byDefault : answer
    },
    close: () => terminal.close(),
  }
}
