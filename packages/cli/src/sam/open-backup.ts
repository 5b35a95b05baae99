/**
 * One backup in a restoration: from custodian to custodian, each of whom takes off his layer on his own machine.
 *
 * The last one gets the encrypted transport key alone and encrypts it for the module; what is wrapped under it stays here, so
 * that neither he nor this host ever has a key (`protocol/node/shared-backup.ts`).
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { toWire } from '@natsuin/protocol/approval'
import {
  type OpenedShare,
  openedShare,
  type Restoration,
  type SharedBackup,
  type ShareInHand,
} from '@natsuin/protocol/keys'
import { handedOver, lastLayer, replaceFile } from '@natsuin/protocol/node'
import { base64url, oneOf, record, type Shaped, text, writeJson } from '@natsuin/protocol/shape'
import { type Terminal, UsageError } from '../command.ts'
import { readShaped } from './read-shaped.ts'

/** For whom the last custodian encrypts, as the SAM's program says it. */
export const moduleKey = record({
  publicKey: base64url({ min: 60, max: 1200 }),
  oaepDigest: oneOf('sha1', 'sha256'),
  digest: text({ max: 64 }),
})

export type ModuleKey = Shaped<typeof moduleKey>

export interface Opening {
  /** Of the backup, in names of files. */
  readonly name: string
  readonly folder: string
  /** Ids of the custodians who are there. */
  readonly present: readonly string[]
  readonly importKey: ModuleKey
  readonly terminal: Terminal
}

/** A key on its way through the hands of custodians. */
interface Piece {
  readonly label: string
  readonly oaepDigest: ShareInHand['pieces'][number]['oaepDigest']
  readonly sealed: Uint8Array
  /** What stays here while the last one has his part. */
  readonly rest?: Uint8Array
}

/** Its keys, as the module takes them; undefined while a custodian has not handed back what he was given. */
export async function openBackup(
  backup: SharedBackup,
  opening: Opening,
): Promise<Restoration['keys'] | undefined> {
  const shares = backup.keys.map(key => ({ label: key.label, ...shareOf(key, opening.present) }))
  const holders = shares[0]?.holders ?? []
  let pieces: readonly Piece[] = shares
  for (const [at, holder] of holders.entries()) {
    const given = at === holders.length - 1 ? pieces.map(piece => splitFor(backup, holder, piece)) : pieces
    const answer = await handedBack(backup, { at, holder, isLast: at === holders.length - 1, given }, opening)
    if (answer === undefined) return undefined
    pieces = given.map(piece => afterOpening(piece, answer))
  }
  return backup.keys.map(({ shares: _, ...key }, i) => ({
    ...key,
    sent: pieces[i]?.sealed ?? new Uint8Array(),
  }))
}

/** The one whose holders are all present. @throws UsageError */
function shareOf({ shares, label }: SharedBackup['keys'][number], present: readonly string[]) {
  const share = shares.find(({ holders }) => holders.every(id => present.includes(id)))
  if (share === undefined) throw new UsageError(`${label}: those who are present cannot open it.`)
  return share
}

/** What the last custodian gets, and what stays here. @throws UsageError */
function splitFor({ custodians }: SharedBackup, holder: string, piece: Piece): Piece {
  const custodian = custodians.find(({ id }) => id === holder)
  if (custodian === undefined) throw new UsageError(`The backup does not say who ${holder} is.`)
  const { transport, wrapped } = lastLayer(piece.sealed, custodian)
  return { ...piece, sealed: transport, rest: wrapped }
}

/** @throws UsageError when he handed back something else */
function afterOpening({ rest, ...piece }: Piece, { holder, pieces }: OpenedShare): Piece {
  const opened = pieces.find(({ label }) => label === piece.label)?.opened
  if (opened === undefined) throw new UsageError(`${holder} did not hand ${piece.label} back.`)
  return { ...piece, sealed: rest === undefined ? opened : handedOver(opened, rest) }
}

interface Turn {
  /** Whose turn it is, from 0. */
  readonly at: number
  readonly holder: string
  readonly isLast: boolean
  readonly given: readonly Piece[]
}

async function handedBack(
  { deployment }: SharedBackup,
  { at, holder, isLast, given }: Turn,
  { name, folder, importKey, terminal }: Opening,
): Promise<OpenedShare | undefined> {
  const stem = join(folder, `${name}-${at + 1}-${holder}`)
  const [to, from] = [`${stem}.json`, `${stem}.opened.json`]
  const pieces = given.map(({ label, oaepDigest, sealed }) => ({ label, oaepDigest, sealed }))
  const { publicKey, oaepDigest } = importKey
  const share: ShareInHand = { v: 1, deployment, holder, pieces }
  const whole = isLast ? { ...share, importKey: { publicKey, oaepDigest } } : share
  await replaceFile(to, writeJson(toWire(whole)), 0o600)
  if (existsSync(from)) return readShaped(from, openedShare)
  terminal.error(instructions(holder, { to, from, pin: isLast ? ` --import-key ${importKey.digest}` : '' }))
  return undefined
}

const instructions = (holder: string, { to, from, pin }: Readonly<Record<'to' | 'from' | 'pin', string>>) =>
  [
    `Hand ${to} to ${holder}, who calls, on a machine of his own:`,
    `  natsuin key open-share ${holder}.json --key <his key> --out ${holder}.opened.json${pin}`,
    `What he hands back goes into ${from}. Then call this again.`,
  ].join('\n')
