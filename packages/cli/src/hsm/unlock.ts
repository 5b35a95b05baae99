/** natsuin hsm unlock — brings one share of a token's PIN to the process that waits for it. */
import { parseArgs } from 'node:util'
import { bringShare, type ShareAnswer } from '@natsuin/protocol/node'
import { type Command, UsageError } from '../command.ts'
import { readPassword } from '../key/password.ts'

export const hsmUnlock: Command = {
  name: 'hsm unlock',
  usage: '--socket PATH [--share-file FILE]',
  help: `Brings your share of a PIN to a process that waits for it at start (pinShares in its configuration). When enough
people have, it goes on.

  --socket PATH       where the process waits: pinShares.socket of its configuration
  --share-file FILE   your share; asked for at the terminal otherwise

Exit status: 0 taken, 1 not a share of this PIN or nobody waits, 2 wrong usage.`,

  async run(args, terminal) {
    const { socket, shareFile } = readArguments(args)
    const share = new TextDecoder().decode(
      await readPassword(shareFile, { text: 'Your share: ', option: '--share-file' }),
    )
    const answer = await bringing(socket, share)
    if (answer === undefined) {
      terminal.error(`Nobody waits at ${socket}: the process has its PIN already, or does not run.`)
      return 1
    }
    const say = answer.share === 'unknown' ? terminal.error : terminal.out
    say(`${WORDS[answer.share]}; ${progress(answer)}`)
    return answer.share === 'unknown' ? 1 : 0
  },
}

const WORDS: Readonly<Record<ShareAnswer['share'], string>> = {
  taken: 'Your share was taken',
  again: 'Your share was here already',
  unknown: 'This is no share of this PIN (was a character mistyped?)',
}

const progress = ({ brought, needed }: ShareAnswer): string =>
  brought >= needed ? 'there are enough, and the process goes on.' : `still needed: ${needed - brought}.`

/** `undefined` when nobody listens there. */
async function bringing(socket: string, share: string): Promise<ShareAnswer | undefined> {
  try {
    return await bringShare(socket, share)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
    throw error
  }
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    const options = { socket: text, 'share-file': text }
    const { socket, 'share-file': shareFile } = parseArgs({ args: [...args], options }).values
    if (socket === undefined) throw new UsageError('--socket is needed.')
    return { socket, shareFile }
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}
