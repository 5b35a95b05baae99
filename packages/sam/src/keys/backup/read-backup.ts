/** `backups/read` — the backup of a master key that a rotation made; it is of use to its custodians alone. */
import type { AdministrationRequest, AdministrationResponse } from '@natsuin/protocol/sap'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'

/** @throws Refusal `backup-unknown`, `record-altered` */
export async function readBackup(
  { records }: Sam,
  { label }: AdministrationRequest<'backups/read'>,
): Promise<AdministrationResponse<'backups/read'>> {
  const backup = (await records.read('rotation', label))?.content.backup
  if (backup === undefined) throw refuse('backup-unknown')
  return { backup }
}
