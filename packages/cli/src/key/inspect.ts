/** natsuin key inspect — what a key file holds, and whether the key may be imported. */
import { DerError } from '@natsuin/pki/asn1'
import { KeyFileRefusal } from '@natsuin/pki/pbe'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { KEY_OPTIONS, KEY_OPTIONS_HELP, parseKeyArguments, readQuestion } from './arguments.ts'
import { askThread, type ThreadAnswer } from './in-thread.ts'
import { inWords, refusalInWords } from './in-words.ts'
import type { FileReport } from './report.ts'

export const keyInspect: Command = {
  name: 'key inspect',
  usage: '<key file> [--password-file <file>] [--certificates <file>]… [--refuse-list <file>] [--json]',
  help: `Opens a PKCS #12 file or a private key (PKCS #8, PEM or DER) and says what is in it: each key with its
fingerprint, its certificates, and everything that speaks against importing it. Changes nothing.

${KEY_OPTIONS_HELP}

Exit status: 0 every key may be imported, 1 one may not or the file cannot be opened, 2 wrong usage.`,

  async run(args, terminal) {
    const { values, positionals } = parseKeyArguments(args, KEY_OPTIONS)
    const [path, surplus] = positionals
    if (path === undefined || surplus !== undefined) throw new UsageError('One key file is needed.')
    const answer = await refusing(async () => askThread(await readQuestion(path, values)))
    return say(answer, values.json, terminal)
  },
}

/** A file that is refused before the thread saw it is refused in the same words. */
export async function refusing(ask: () => Promise<ThreadAnswer>): Promise<ThreadAnswer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof KeyFileRefusal) return { refused: error.reason }
    if (error instanceof DerError) return { refused: 'malformed' }
    throw error
  }
}

function say(answer: ThreadAnswer, json: boolean, terminal: Terminal): number {
  if ('refused' in answer) {
    terminal.error(json ? JSON.stringify(answer) : refusalInWords(answer.refused))
    return 1
  }
  terminal.out(json ? JSON.stringify(answer.report, undefined, 2) : inWords(answer.report))
  return isImportable(answer.report) ? 0 : 1
}

const isImportable = ({ keys }: FileReport): boolean =>
  keys.length > 0 && keys.every(({ problems }) => problems.length === 0)
