/**
 * natsuin sam restore, natsuin sam resume — the SAM's keys come back into a new module, and officers agree that it acts again
 * (sole-control 8 and 11; docs/operate.md).
 *
 * What a step makes is a file, so that a ceremony that was interrupted goes on where it stopped. The files hold nothing that
 * anybody could use alone.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import { type Restoration, type SharedBackup, sharedBackup } from '@natsuin/protocol/keys'
import { replaceFile } from '@natsuin/protocol/node'
import { writeJson } from '@natsuin/protocol/shape'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { DEFAULT_DIRECTORY } from '../operation/directory.ts'
import { type ModuleKey, moduleKey, openBackup } from './open-backup.ts'
import { PROPOSING_FLAGS, PROPOSING_HELP, PROPOSING_SWITCHES, proposeAct, proposingIn } from './proposing.ts'
import { readShaped } from './read-shaped.ts'
import { runAs } from './run-as.ts'
import { samCommand, WHERE } from './sam-command.ts'

const FOLDER = 'restore'

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
    // The SAM's user reads one file in it; nobody else has any use for the others.
    mkdirSync(folder, { recursive: true, mode: 0o711 })
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

/** The same one as long as the ceremony lasts. */
async function importKeyIn(directory: string, folder: string): Promise<ModuleKey> {
  const file = join(folder, 'import-key.json')
  if (!existsSync(file)) {
    const answer = await runAs(directory, 'sam', ['restore-begin'])
    await replaceFile(file, `${JSON.stringify(answer)}\n`, 0o600)
  }
  return readShaped(file, moduleKey)
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
