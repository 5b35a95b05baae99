/** Whether the module is what the level of the deployment demands: at start, and when the level changes (design 4). */
import type { CryptoModule } from '@natsuin/crypto-module'
import type { Roster } from '@natsuin/protocol/genesis'
import { SOFTWARE_IS_LEVEL_1 } from './roster-rules.ts'

/** sole-control 11: what a probe does not find is a cap. */
const LEVEL_3_IS_GUARDED =
  'maxLevel: at level 3 in production the module itself lets signers’ keys out under the master key alone (docs/hsm.md)'

type Claim = Pick<Roster, 'environment' | 'maxLevel' | 'softwareModule'>
type Judged = Pick<CryptoModule, 'description' | 'guardsWrapping'>

/** Fails closed. @param masterKey the one in force @throws Error */
export async function checkLevel(claim: Claim, module: Judged, masterKey: string): Promise<void> {
  const problem = await problemOfLevel(claim, module, masterKey)
  if (problem !== undefined) throw new Error(problem)
}

/** @returns `undefined` when the module is enough */
export async function problemOfLevel(
  { environment, maxLevel, softwareModule }: Claim,
  module: Judged,
  masterKey: string,
): Promise<string | undefined> {
  if (environment === 'test' || maxLevel === 1) return undefined
  if (softwareModule || module.description.softwareModule) return SOFTWARE_IS_LEVEL_1
  return maxLevel < 3 || (await module.guardsWrapping(masterKey)) ? undefined : LEVEL_3_IS_GUARDED
}
