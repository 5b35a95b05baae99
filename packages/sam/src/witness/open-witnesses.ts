/** The witnesses that the configuration names, and what is demanded of them (sole-control 9). */
import { nodePlatform } from '@natsuin/pki/node'
import type { Roster } from '@natsuin/protocol/genesis'
import { findCosignature } from '@natsuin/protocol/log'
import type { Store } from '../store/store.ts'
import type { SamTime } from '../time/sam-time.ts'
import { type Witness, WitnessClient } from './witness-client.ts'
import { Witnesses } from './witnesses.ts'

export interface WitnessSetting {
  readonly witnesses: readonly Witness[]
  /** How many of them have to cosign. */
  readonly quorum: number
}

/** Undefined without any. */
export function openWitnesses(
  { witnesses, quorum }: WitnessSetting,
  store: Pick<Store, 'hashes'>,
  time: SamTime,
): Witnesses | undefined {
  if (witnesses.length === 0) return undefined
  return new Witnesses({ clients: witnesses.map(witness => new WitnessClient(witness)), quorum, store, time })
}

/** At level 3 somebody else has to have seen the log. @throws Error */
export function checkWitnessed(
  { environment, maxLevel }: Pick<Roster, 'environment' | 'maxLevel'>,
  { witnesses }: Pick<WitnessSetting, 'witnesses'>,
): void {
  if (environment === 'production' && maxLevel === 3 && witnesses.length === 0) {
    throw new Error('a production deployment of level 3 needs a witness')
  }
}

/** Milliseconds; the newest time at which one of them saw one of these checkpoints, 0 when none did. */
export async function witnessedAt(
  { witnesses }: WitnessSetting,
  checkpoints: readonly string[],
): Promise<number> {
  const found = await Promise.all(
    checkpoints.flatMap(checkpoint =>
      witnesses.map(({ key }) => findCosignature(checkpoint, key, nodePlatform)),
    ),
  )
  return Math.max(0, ...found.map(cosignature => (cosignature?.at ?? 0) * 1000))
}
