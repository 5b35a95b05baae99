/** natsuin sam master-key, natsuin sam rotate-master-key — the key that wraps the signers' keys (docs/keys.md). */
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { toWire } from '@natsuin/protocol/approval'
import type { AdministrationResponse } from '@natsuin/protocol/sap'
import { writeJson } from '@natsuin/protocol/shape'
import { type Terminal, UsageError } from '../command.ts'
import { custodiansIn } from './custodians.ts'
import { PROPOSING_FLAGS, PROPOSING_HELP, PROPOSING_SWITCHES, proposeAct, proposingIn } from './proposing.ts'
import { type Channel, samCommand, WHERE } from './sam-command.ts'

type MasterKey = AdministrationResponse<'master-key/read'>

export const samMasterKey = samCommand({
  name: 'sam master-key',
  usage: '[--json]',
  help: `Shows which master key there is, and how far its rotation is.

  --json            the same, in JSON
${WHERE}

Exit status: 0 shown, 1 the SAM does not answer or refuses, 2 wrong usage.`,
  switches: ['json'],
  async run({ flags }, channel, { out }) {
    const masterKey = await channel.call('master-key/read', {})
    out(flags.has('json') ? JSON.stringify(toWire(masterKey), null, 2) : masterKeyLines(masterKey).join('\n'))
    return 0
  },
})

export const samRotateMasterKey = samCommand({
  name: 'sam rotate-master-key',
  usage: '--reason TEXT [--minutes N] [--no-wait]',
  help: `Puts a new master key in the place of the one that wraps the signers' keys. Enough security officers have to
approve it; then every key is moved, while signing goes on, and the old master key is destroyed, with the last copies of
keys that were destroyed before. Interrupting this command interrupts nothing: natsuin sam master-key shows how far it is.

  --custodians FILE   for whom a backup of the new key is made (natsuin sam custodians); without it there is none
  --backup-out FILE   where it is written
${PROPOSING_HELP}
${WHERE}

Exit status: 0 the old master key is destroyed (with --no-wait and --json: proposed), 1 not, 2 wrong usage.`,
  flags: ['custodians', 'backup-out', ...PROPOSING_FLAGS],
  switches: PROPOSING_SWITCHES,
  async run({ flags }, channel, terminal) {
    const [custodians, file] = [flags.take('custodians'), flags.take('backup-out')]
    if ((custodians === undefined) !== (file === undefined))
      throw new UsageError('--custodians and --backup-out go together.')
    const proposing = proposingIn(flags)
    const { label: replaces } = await channel.call('master-key/read', {})
    const backup = custodians === undefined ? undefined : custodiansIn(custodians)
    const act = { kind: 'rotate-master-key', replaces, ...(backup !== undefined && { backup }) } as const
    return proposeAct(act, proposing, { channel, terminal }, async () => {
      if (file !== undefined) await writeBackup(channel, file, terminal)
      return following(channel, terminal)
    })
  },
})

async function writeBackup(channel: Channel, file: string, { out }: Terminal): Promise<void> {
  const { label } = await channel.call('master-key/read', {})
  const { backup } = await channel.call('backups/read', { label })
  writeFileSync(file, writeJson(toWire(backup)))
  out(
    `✔ ${file}: the backup of the new master key, of use to its custodians alone. Keep copies of it elsewhere.`,
  )
}

const PAUSE_MILLISECONDS = 1000

/** Says what changes, until every key has been moved. */
async function following(channel: Channel, { out }: Terminal): Promise<number> {
  let told = ''
  for (;;) {
    const masterKey = await channel.call('master-key/read', {})
    const lines = masterKeyLines(masterKey).join('\n')
    if (lines !== told) out(lines)
    told = lines
    if (masterKey.rotation === undefined) return 0
    await pause(PAUSE_MILLISECONDS)
  }
}

function masterKeyLines({ label, rotation }: MasterKey): readonly string[] {
  if (rotation === undefined) return [`The master key is ${label}. Every signer's key is under it.`]
  const { retiring, looked, total, heldUp } = rotation
  return [
    `The master key is ${label}. Keys are being moved from under ${retiring}: ${looked} of ${total}.`,
    ...heldUp.map(id => `  cannot be moved: ${id}. Restore its record, or revoke it (natsuin sam revoke).`),
  ]
}
