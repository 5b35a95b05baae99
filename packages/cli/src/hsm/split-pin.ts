/** natsuin hsm split-pin — divides a token's PIN among people of whom some number is needed at each start. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { splitPin } from '@natsuin/protocol/node'
import { type Command, reading, UsageError } from '../command.ts'
import { readPassword } from '../key/password.ts'

export const hsmSplitPin: Command = {
  name: 'hsm split-pin',
  usage: '--holders N --needed M --out DIR [--pin-file FILE]',
  help: `Divides the user PIN of a token into N shares of which any M give it back. Writes into DIR, which must not
exist:

  pin-shares.json   what the process reads: worth nothing without M shares. Name it as pinShares.file.
  share-1.txt …     one for each holder: hand it over, and remove it. Whoever has M of them has the PIN.

Do this on a machine and in a moment that all holders trust, with the PIN that was set under dual control.

  --holders N       how many people, 10 at most
  --needed M        how many of them each start takes, at least 2
  --pin-file FILE   the PIN; asked for at the terminal otherwise

Exit status: 0 done, 2 wrong usage.`,

  async run(args, { out }) {
    const { holders, needed, directory, pinFile } = readArguments(args)
    const pin = await readPassword(pinFile, { text: 'PIN of the token: ', option: '--pin-file' })
    const { file, shares } = splitting(new TextDecoder().decode(pin), { of: holders, needed })
    pin.fill(0)
    await reading(directory, async () => mkdirSync(directory, { mode: 0o700 }))
    const write = (name: string, text: string) =>
      writeFileSync(join(directory, name), text, { mode: 0o600, flag: 'wx' })
    write('pin-shares.json', file)
    for (const [i, share] of shares.entries()) write(`share-${i + 1}.txt`, `${share}\n`)
    out(`${directory}: pin-shares.json, and ${holders} shares of which ${needed} open it.`)
    return 0
  },
}

function splitting(pin: string, among: { readonly of: number; readonly needed: number }) {
  try {
    return splitPin(pin, among)
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError('From 2 of 2 up to 10 of 10 people.')
    throw error
  }
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    const options = { holders: text, needed: text, out: text, 'pin-file': text }
    const {
      holders,
      needed,
      out: directory,
      'pin-file': pinFile,
    } = parseArgs({ args: [...args], options }).values
    if (directory === undefined) throw new UsageError('--out is needed.')
    return { holders: Number(holders), needed: Number(needed), directory, pinFile }
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}
