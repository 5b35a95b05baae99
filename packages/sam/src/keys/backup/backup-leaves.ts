/** What the state log says of a backup. */
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import type { SharedBackup } from '@natsuin/protocol/keys'
import type { StateLeaf } from '@natsuin/protocol/log'
import { writeJson } from '@natsuin/protocol/shape'

/** @param at milliseconds */
export function backupLeaves(backup: SharedBackup | undefined, at: number): readonly StateLeaf[] {
  if (backup === undefined) return []
  const labels = backup.keys.map(({ label }) => label)
  return [
    { event: 'keys-backed-up', at, labels, backupDigest: digestSync('sha256', writeJson(toWire(backup))) },
  ]
}
