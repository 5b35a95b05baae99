/**
 * natsuin sam restore, natsuin sam resume — the SAM's keys come back into a new module, and officers agree that it acts again
 * (sole-control 8 and 11; docs/operate.md).
 *
 * What a step makes is a file, so that a ceremony that was interrupted goes on where it stopped. The files hold nothing that
 * anybody could use alone.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import {
  type OpenedShare,
  openedShare,
  type Restoration,
  type SharedBackup,
  type ShareInHand,
  sharedBackup,
} from '@natsuin/protocol/keys'
import { handedOver, lastLayer, replaceFile } from '@natsuin/protocol/node'
import {
  base64url,
  oneOf,
  parseUnambiguousJson,
  record,
  type Shape,
  ShapeError,
  text,
  writeJson,
} from '@natsuin/protocol/shape'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { DEFAULT_DIRECTORY } from '../operation/directory.ts'
import { PROPOSING_FLAGS, PROPOSING_HELP, PROPOSING_SWITCHES, proposeAct, proposingIn } from './proposing.ts'
import { runAs } from './run-as.ts'
import { samCommand, WHERE } from './sam-command.ts'

const FOLDER = 'restore'

const importKeyAnswer = record({
  publicKey: base64url({ min: 60, max: 1200 }),
  oaepDigest: oneOf('sha1', 'sha256'),
  digest: text({ max: 64 }),
})

export const samRestore: Command = {
  name: 'sam restore',
  usage: '--backup FILE … --custodian ID … [--directory DIR]',
  help: `Leads through the restoration of the SAM's keys into a new, empty module, after token or machine were lost; the SAM is
down. Restore its database and the copies of the heads first. Each step leaves files in DIR/${FOLDER}; call it again to go on.

  --backup FILE       what genesis made, and what each rotation since made; all that are needed
  --custodian ID      who is present, as many as the backup asks for
  --directory DIR     what natsuin init wrote (${DEFAULT_DIRECTORY})

Exit status: 0 the keys are back, 1 not yet, 2 wrong usage.`,
  async run(args, terminal) {
    const { directory, backup = [], custodian = [] } = argumentsIn(args)
    if (backup.length === 0) throw new UsageError('--backup is needed.')
    const folder = join(resolve(directory), FOLDER)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const importKey = await importKeyIn(resolve(directory), folder)
    terminal.out(`The module's import key, which the last custodian compares:\n\n  ${importKey.digest}\n`)
    const backups = backup.map(file => readShaped(file, sharedBackup))
    const keys: Restoration['keys'][number][] = []
    for (const [at, one] of backups.entries()) {
      const opened = await openBackup(one, {
        name: String(at + 1),
        folder,
        present: custodian,
        importKey,
        terminal,
      })
      if (opened === undefined) return 1
      keys.push(...opened)
    }
    return finish(resolve(directory), folder, restorationOf(backups, keys), terminal)
  },
}

const OPTIONS = {
  directory: { type: 'string', default: DEFAULT_DIRECTORY },
  backup: { type: 'string', multiple: true },
  custodian: { type: 'string', multiple: true },
} as const

function argumentsIn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function importKeyIn(directory: string, folder: string) {
  const file = join(folder, 'import-key.json')
  if (!existsSync(file)) {
    const answer = await runAs(directory, 'sam', ['restore-begin'])
    await replaceFile(file, `${JSON.stringify(answer)}\n`, 0o600)
  }
  return readShaped(file, importKeyAnswer)
}

interface Opening {
  /** Of the backup, in names of files. */
  readonly name: string
  readonly folder: string
  readonly present: readonly string[]
  readonly importKey: ReturnType<typeof importKeyAnswer>
  readonly terminal: Terminal
}

/** Its keys, as the module takes them; undefined while a custodian has not handed back what he was given. */
async function openBackup(backup: SharedBackup, opening: Opening): Promise<Restoration['keys'] | undefined> {
  const shares = backup.keys.map(key => ({ ...key, share: shareOf(key, opening.present) }))
  const holders = shares[0]?.share.holders ?? []
  let sealed = shares.map(({ share }) => share.sealed)
  for (const [at, holder] of holders.entries()) {
    const isLast = at === holders.length - 1
    const parts = isLast
      ? partsFor(backup, holder, sealed)
      : sealed.map(piece => ({ piece, rest: undefined }))
    const pieces = shares.map(({ label, share }, i) => ({
      label,
      oaepDigest: share.oaepDigest,
      sealed: parts[i]?.piece ?? new Uint8Array(),
    }))
    const { publicKey, oaepDigest } = opening.importKey
    const given: ShareInHand = {
      v: 1,
      deployment: backup.deployment,
      holder,
      pieces,
      ...(isLast && { importKey: { publicKey, oaepDigest } }),
    }
    const answer = await handedBack(given, at, opening)
    if (answer === undefined) return undefined
    sealed = shares.map(({ label }, i) => {
      const opened = answer.pieces.find(piece => piece.label === label)?.opened ?? new Uint8Array()
      const rest = parts[i]?.rest
      return rest === undefined ? opened : handedOver(opened, rest)
    })
  }
  return shares.map(({ share: _, shares: __, ...key }, i) => ({
    ...key,
    sent: sealed[i] ?? new Uint8Array(),
  }))
}

/** The one whose holders are all present. @throws UsageError */
function shareOf({ shares, label }: SharedBackup['keys'][number], present: readonly string[]) {
  const share = shares.find(({ holders }) => holders.every(id => present.includes(id)))
  if (share === undefined) throw new UsageError(`${label}: those who are present cannot open it.`)
  return share
}

/** Of each key: what the last custodian gets, and what stays here. */
function partsFor({ custodians }: SharedBackup, holder: string, sealed: readonly Uint8Array[]) {
  const custodian = custodians.find(({ id }) => id === holder)
  if (custodian === undefined) throw new UsageError(`The backup does not say who ${holder} is.`)
  return sealed.map(one => {
    const { transport, wrapped } = lastLayer(one, custodian)
    return { piece: transport, rest: wrapped }
  })
}

async function handedBack(
  given: ShareInHand,
  at: number,
  { name, folder, terminal, importKey }: Opening,
): Promise<OpenedShare | undefined> {
  const stem = join(folder, `${name}-${at + 1}-${given.holder}`)
  const [to, from] = [`${stem}.json`, `${stem}.opened.json`]
  await replaceFile(to, writeJson(toWire(given)), 0o600)
  if (existsSync(from)) return readShaped(from, openedShare)
  const pin = given.importKey === undefined ? '' : ` --import-key ${importKey.digest}`
  terminal.error(
    [
      `Hand ${to} to ${given.holder}, who calls, on a machine of his own:`,
      `  natsuin key open-share ${given.holder}.json --key <his key> --out ${given.holder}.opened.json${pin}`,
      `What he hands back goes into ${from}. Then call this again.`,
    ].join('\n'),
  )
  return undefined
}

function restorationOf(backups: readonly SharedBackup[], keys: Restoration['keys']): Restoration {
  const [{ deployment } = { deployment: '' }] = backups
  const digests = backups.map(backup => digestSync('sha256', writeJson(toWire(backup))))
  return { v: 1, deployment, backups: digests, keys }
}

async function finish(
  directory: string,
  folder: string,
  restoration: Restoration,
  { out }: Terminal,
): Promise<number> {
  const file = join(folder, 'restoration.json')
  await replaceFile(file, writeJson(toWire(restoration)), 0o644)
  const { restored } = await runAs(directory, 'sam', ['restore-end', '--restoration', file])
  out(
    [
      `✔ Back in the module: ${String(restored)}.`,
      'Start the SAM. It holds still until officers agree: natsuin sam resume. Then delete the folder, and what was revoked',
      'after the backup of the database is revoked again.',
    ].join('\n'),
  )
  return 0
}

/** @throws UsageError */
function readShaped<T>(file: string, shape: Shape<T>): T {
  try {
    return shape(parseUnambiguousJson(readFileSync(file, 'utf8')))
  } catch (error) {
    const isExpected = error instanceof ShapeError || error instanceof Error
    throw isExpected ? new UsageError(`${file}: ${error.message}`) : error
  }
}

export const samResume = samCommand({
  name: 'sam resume',
  usage: '--reason TEXT [--minutes N] [--no-wait]',
  help: `Asks officers to agree that a SAM acts again whose keys were restored. They see how old the restored state is.

${PROPOSING_HELP}
${WHERE}

Exit status: 0 it acts again (with --no-wait and --json: proposed), 1 not, 2 wrong usage.`,
  flags: PROPOSING_FLAGS,
  switches: PROPOSING_SWITCHES,
  async run({ flags }, channel, terminal) {
    const proposing = proposingIn(flags)
    const { pending } = await channel.call('restoration/read', {})
    if (pending === undefined) {
      terminal.out('Nothing waits: the SAM acts.')
      return 0
    }
    const act = { kind: 'resume-after-restore', ...pending } as const
    return proposeAct(act, proposing, { channel, terminal }, async () => {
      terminal.out('✔ The SAM acts again.')
      return 0
    })
  },
})
