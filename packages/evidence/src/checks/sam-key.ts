/** The key that signed everything is the one that the verifier pinned. */
import { toHex } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { demand } from '../verdict.ts'

export async function checkSamKey(samKey: Uint8Array, pin: string, platform: Digest): Promise<Uint8Array> {
  const digest = toHex(await platform.digest('sha256', samKey))
  demand(digest === pin.toLowerCase(), 'sam-key-not-pinned', `the evidence is by another SAM key: ${digest}`)
  return samKey
}
