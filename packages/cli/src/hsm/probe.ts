/** natsuin hsm probe — what a PKCS #11 token is good for, found by trying, in the program that has the binding. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { entryOf, NODE_OPTIONS } from '@natsuin/protocol/node/processes'
import type { Command } from '../command.ts'

export const hsmProbe: Command = {
  name: 'hsm probe',
  usage: '--module PATH (--token LABEL | --serial NUMBER) --pin-file FILE [--json | --markdown]',
  help: `Makes keys on the token as a deployment would, uses them, tries to get them out, and says what works, what each
level needs (docs/hsm.md), and up to which level the token can be used. Leaves nothing on it.

  --module PATH           the maker's PKCS #11 library
  --sha256 DIGEST         its SHA-256, when only these octets are to be loaded
  --token LABEL           the token, by its label,
  --serial NUMBER         its serial number, or both
  --pin-file FILE         its user PIN
  --wrap-mechanism NUMBER how it calls AES-KWP, when not 0x210a
  --json, --markdown      the findings as JSON, or as the tables of docs/hsm.md

Exit status: 0 it can be used, 1 it cannot, or cannot be opened, 2 wrong usage.`,

  async run(args) {
    const entry = entryOf('crypto-module')
    const child = spawn(process.execPath, [...NODE_OPTIONS, entry, ...args], { stdio: 'inherit' })
    await once(child, 'exit')
    return child.exitCode ?? 1
  },
}
