/** Codes by a program of the operator's. They travel on its standard input: arguments are visible to the whole machine. */
import { spawn } from 'node:child_process'
import type { DeliverCode } from './message.ts'
import type { Command } from './setting.ts'

const PATIENCE_MS = 10_000

export function runCommand({ file, arguments: given = [] }: Command): DeliverCode {
  return async message => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const program = spawn(file, given, { stdio: ['pipe', 'ignore', 'ignore'], timeout: PATIENCE_MS })
    program.once('error', reject)
    program.once('close', (status, signal) =>
      status === 0 ? resolve() : reject(new Error(`the program for codes ended with ${status ?? signal}`)),
    )
    // One that reads nothing and ends well has no use for it.
    program.stdin.on('error', () => {})
    program.stdin.end(JSON.stringify(message))
    await promise
  }
}
