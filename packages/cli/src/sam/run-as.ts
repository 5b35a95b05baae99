/** Runs a command of a process under the user whom its configuration belongs to. */
import { statSync } from 'node:fs'
import { type ProcessName, runCommand } from '@natsuin/protocol/node/processes'
import { configurationIn } from '../operation/directory.ts'

/** @throws ProcessEnded */
export async function runAs(
  directory: string,
  name: ProcessName,
  [command = '', ...options]: readonly string[],
) {
  const file = configurationIn(directory, name)
  const { uid, gid } = statSync(file)
  const user = process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : undefined
  return await runCommand({ name, args: [command, '--config', file, ...options], user })
}
