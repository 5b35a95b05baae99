/** Programs that the set-up starts: what they print comes back only when they fail. */
import { spawn } from 'node:child_process'

/** What keeps the judges from being set up, for the reader who has to mend it. */
export class SetupFailure extends Error {}

const LIMIT_MS = 10 * 60_000
const SHOWN_LINES = 12

/** @throws SetupFailure that says what was tried, and the last lines of what the program said */
export async function run(purpose: string, [command = '', ...argv]: readonly string[]): Promise<void> {
  // Not `timeout`, whose timer goes on when the program is not there.
  const signal = AbortSignal.timeout(LIMIT_MS)
  const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'], signal })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const failure = await new Promise<string | undefined>(resolve => {
    child.on('error', ({ message }) => resolve(message))
    child.on('close', (code, killed) => resolve(code === 0 ? undefined : `ended with ${code ?? killed}`))
  })
  if (failure === undefined) return
  const lines = output.trim().split('\n').slice(-SHOWN_LINES)
  throw new SetupFailure([`${purpose}: ${command} ${failure}`, ...lines.map(line => `  ${line}`)].join('\n'))
}
