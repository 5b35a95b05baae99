/**
 * The key that keys from elsewhere are encrypted for, made when a roster first has a class of them: at genesis, or with
 * the amendment that brings the class. Making it takes seconds on a token, and most deployments import nothing.
 */
import type { CryptoModule } from '@natsuin/crypto-module'
import type { Roster } from '@natsuin/protocol/genesis'
import { LABEL } from './labels.ts'

export async function makeImportKey(
  module: CryptoModule,
  { classes }: Pick<Roster, 'classes'>,
): Promise<void> {
  if (!classes.some(({ keys }) => keys === 'imported')) return
  if ((await module.importKey(LABEL.import)) === undefined) await module.createImportKey(LABEL.import)
}
