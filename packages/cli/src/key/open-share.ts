/**
 * natsuin key open-share — a custodian opens his layer of a backup, on his own machine (docs/operate.md, restore).
 *
 * The last one of a group encrypts what he opens for the module's import key. Whoever could put another in its place
 * would get the keys, so he compares its digest with what is read to him at the SAM's host.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { toHex } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import { type OpenedShare, type ShareInHand, shareInHand } from '@natsuin/protocol/keys'
import { handOver, openLayer } from '@natsuin/protocol/node'
import { readStrictJson, writeJson } from '@natsuin/protocol/shape'
import { type Command, UsageError } from '../command.ts'
import { readPassword } from './password.ts'

const OPTIONS = {
  key: { type: 'string' },
  'password-file': { type: 'string' },
  'import-key': { type: 'string' },
  out: { type: 'string' },
} as const

export const keyOpenShare: Command = {
  name: 'key open-share',
  usage: '<share.json> --key PRIVATE.pem --out FILE [--import-key SHA256] [--password-file FILE]',
  help: `Opens a custodian's layer of a backup. Who is last encrypts what he opened for the module's import key at once, and
sees no key; he has its digest read to him at the SAM's host, by two people.

  --key             his private key (PEM)
  --password-file   its password, instead of asking for it
  --import-key      SHA-256 of the module's import key, hexadecimal; for the one who is last
  --out             where to write what he hands back

Exit status: 0 written, 1 the share is not his or was altered, 2 wrong usage.`,
  async run(args, { out, error }) {
    const { positionals, values } = argumentsIn(args)
    const [path, surplus] = positionals
    const { key: keyFile, out: file } = values
    if (path === undefined || surplus !== undefined) throw new UsageError('One share is needed.')
    if (keyFile === undefined || file === undefined) throw new UsageError('--key and --out are needed.')
    const share = readShare(path)
    checkImportKey(share, values['import-key'])
    const key = await privateKeyIn(keyFile, values['password-file'])
    const pieces = share.pieces.map(piece => ({ label: piece.label, opened: opened(key, share, piece) }))
    const whole = pieces.flatMap(({ label, opened: piece }) =>
      piece === undefined ? [] : [{ label, opened: piece }],
    )
    if (whole.length < pieces.length) {
      error('The share is not for this key, or was altered on its way.')
      return 1
    }
    const answer: OpenedShare = { v: 1, holder: share.holder, pieces: whole }
    writeFileSync(file, writeJson(toWire(answer)), { mode: 0o600 })
    out(`✔ ${file}: hand it back.`)
    return 0
  },
}

function opened(
  key: KeyObject,
  { importKey }: ShareInHand,
  { sealed, oaepDigest }: ShareInHand['pieces'][number],
): Uint8Array | undefined {
  if (importKey === undefined) return openLayer(key, sealed)
  const recipient = { spki: importKey.publicKey, oaepDigest: importKey.oaepDigest }
  return handOver(key, { oaepDigest }, sealed, recipient)
}

function argumentsIn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** @throws UsageError */
function readShare(path: string): ShareInHand {
  try {
    return readStrictJson(readFileSync(path), shareInHand)
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}

/** @throws UsageError */
function checkImportKey({ importKey }: ShareInHand, pinned: string | undefined): void {
  if (importKey === undefined) return
  const digest = toHex(digestSync('sha256', importKey.publicKey))
  if (pinned === undefined)
    throw new UsageError('--import-key is needed: have it read to you at the SAM’s host.')
  if (pinned.toLowerCase().replaceAll(/[:\s]/g, '') !== digest)
    throw new UsageError(`The share is for another import key: ${digest}.`)
}

/** @throws UsageError */
async function privateKeyIn(file: string, passwordFile: string | undefined): Promise<KeyObject> {
  const pem = readFileSync(file)
  try {
    if (!pem.includes('ENCRYPTED')) return createPrivateKey(pem)
    const passphrase = Buffer.from(await readPassword(passwordFile))
    return createPrivateKey({ key: pem, passphrase })
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}
