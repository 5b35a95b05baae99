/**
 * Which clients may ask for signatures of level 3: in production those of profile `fapi2` alone, elsewhere where the
 * configuration says so. A second wall: what a client may make a key sign, the SAM decides.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapResponse } from '@natsuin/protocol/sap'
import type { ServerConfiguration } from '../config/load.ts'
import type { Sam } from '../signing/sam.ts'
import type { ClientRegistry } from './client-registry.ts'

export interface LevelFloor {
  /** @throws Refusal client-profile-too-low */
  check(clientId: string, level: number): Promise<void>
}

export interface LevelFloorParts {
  readonly profile: ServerConfiguration['profile']
  readonly clients: ClientRegistry
  readonly sam: Pick<Sam, 'call'>
}

export function createLevelFloor({ profile, clients, sam }: LevelFloorParts): LevelFloor {
  const isInForce = async () =>
    profile === 'fapi2' || (await sam.call('info', {})).environment === 'production'
  return {
    async check(clientId, level) {
      if (level < 3 || clients.find(clientId)?.profile === 'fapi2') return
      if (await isInForce()) throw new Refusal('client-profile-too-low')
    },
  }
}

/** Why a configuration does not fit the deployment. */
export function problemsOfProfile(
  profile: ServerConfiguration['profile'],
  { environment, maxLevel }: Pick<SapResponse<'info'>, 'environment' | 'maxLevel'>,
): readonly string[] {
  const tooLow = environment === 'production' && maxLevel === 3 && profile !== 'fapi2'
  return tooLow ? ['profile: a deployment of level 3 needs fapi2'] : []
}
