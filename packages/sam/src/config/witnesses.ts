/** The witnesses that the configuration names, with their keys read. */
import { nodePlatform } from '@natsuin/pki/node'
import { readVkey, type WitnessKey } from '@natsuin/protocol/log'
import { ConfigurationError } from '@natsuin/protocol/node'
import { ShapeError } from '@natsuin/protocol/shape'
import type { WitnessSetting } from '../witness/open-witnesses.ts'
import type { Configuration } from './schema.ts'

/** @throws ConfigurationError */
export async function readWitnesses({
  witnesses,
  witnessQuorum: quorum,
}: Pick<Configuration, 'witnesses' | 'witnessQuorum'>): Promise<WitnessSetting> {
  const problems: string[] = []
  const read: { url: string; key: WitnessKey }[] = []
  for (const [i, { url, vkey }] of witnesses.entries()) {
    const key = await readKey(vkey)
    if (typeof key === 'string') problems.push(`witnesses.${i}.${key}`)
    else read.push({ url, key })
  }
  // One that is named twice is one.
  if (new Set(witnesses.map(({ vkey }) => vkey)).size < witnesses.length)
    problems.push('witnesses: one is there twice')
  if (witnesses.length > 0 && quorum > witnesses.length)
    problems.push('witnessQuorum: there are fewer witnesses')
  if (problems.length > 0) throw new ConfigurationError(problems)
  return { witnesses: read, quorum }
}

/** The key, or what is wrong with it. */
async function readKey(vkey: string): Promise<WitnessKey | string> {
  try {
    return await readVkey(vkey, nodePlatform)
  } catch (error) {
    if (error instanceof ShapeError) return error.message
    throw error
  }
}
