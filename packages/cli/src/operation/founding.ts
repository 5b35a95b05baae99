/**
 * natsuin founding — completes the founding that `natsuin init` began: the root of the authorities, and the people
 * with the passkeys that they registered.
 *
 * It only puts together; the SAM checks all of it at genesis and makes nothing if anything is wrong.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { replaceFile } from '@natsuin/protocol/node'
import { type Command, UsageError } from '../command.ts'
import { DEFAULT_DIRECTORY } from './directory.ts'

export const founding: Command = {
  name: 'founding',
  usage: '--root FILE --people FILE [--directory DIR]',
  help: `Completes DIR/founding.json, which natsuin init began and sam genesis reads.

  --root FILE       what authorities found printed
  --people FILE     a JSON array of the people of the roster: id, name, roles, registrations
  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})

Exit status: 0 written, 2 wrong usage.`,

  async run(args, { out }) {
    const { directory, root, people } = readArguments(args)
    const file = join(resolve(directory), 'founding.json')
    const begun = readObject(file)
    const { root: anchor } = readObject(root)
    if (typeof anchor !== 'string') throw new UsageError(`${root} is not what authorities found printed.`)
    const complete = { ...begun, people: readJson(people), trustAnchors: [anchor] }
    await replaceFile(file, `${JSON.stringify(complete, null, 2)}\n`, 0o644)
    out(`${file} is complete.`)
    return 0
  },
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    const options = { root: text, people: text, directory: { ...text, default: DEFAULT_DIRECTORY } }
    const { root, people, directory } = parseArgs({ args: [...args], options }).values
    if (root === undefined || people === undefined) throw new UsageError('--root and --people are needed.')
    return { root, people, directory }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(error instanceof TypeError ? error.message : String(error))
  }
}

function readObject(file: string): Readonly<Record<string, unknown>> {
  const value = readJson(file)
  if (typeof value !== 'object' || value === null) throw new UsageError(`${file} is not a JSON object.`)
  return value as Record<string, unknown> // seen to be an object just above
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}
