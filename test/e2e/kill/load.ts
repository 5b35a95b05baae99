/** Signers who keep signing while something goes wrong, and what came of it. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Signer } from '@natsuin/testing/deployment'
import { type Clients, Signing } from './client.ts'

export interface Worked {
  readonly delivered: readonly Signing[]
  /** What those were told who got no signature. */
  readonly refused: readonly unknown[]
}

export interface Load {
  /** So far. */
  readonly delivered: readonly Signing[]
  stop(): Promise<Worked>
}

/** Every signer signs again and again; what is interrupted is given up, as an impatient client would. */
export function startLoad(clients: Clients, signers: readonly Signer[]): Load {
  let stopping = false
  const delivered: Signing[] = []
  const refused: unknown[] = []
  const keepSigning = async (signer: Signer) => {
    while (!stopping) {
      const signing = new Signing(clients, signer)
      const [outcome] = await Promise.allSettled([signing.run()])
      if (outcome.status === 'fulfilled') delivered.push(signing)
      else refused.push(outcome.reason)
      if (outcome.status === 'rejected') await delay(20)
    }
  }
  const working = signers.map(keepSigning)
  return {
    delivered,
    stop: async () => {
      stopping = true
      await Promise.all(working)
      const lies = refused.filter(reason => reason instanceof assert.AssertionError)
      assert.deepEqual(lies, [], 'what was delivered was recorded before')
      return { delivered, refused }
    },
  }
}

/** Everything that was delivered is delivered again, the same. */
export async function retryAll(clients: Clients, delivered: readonly Signing[]): Promise<void> {
  assert.ok(delivered.length > 0, 'some signatures were delivered meanwhile')
  const answers = clients.deliveries.length
  for (const signing of delivered) await signing.sign()
  assert.equal(clients.deliveries.length, answers + delivered.length)
}

/** Mulberry32: small, and the same everywhere. */
export function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
