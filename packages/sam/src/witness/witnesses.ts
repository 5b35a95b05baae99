/**
 * The witnesses of a deployment (sole-control 9): enough of them have to have seen a head before it counts as outside.
 *
 * A witness that knows a longer or another history than this SAM shows that an older state was brought back, or that
 * there are two: nothing is done on the strength of such a log.
 */
import { type LogName, peekCheckpoint } from '@natsuin/protocol/log'
import { LogRejected } from '../audit/read-log.ts'
import { consistencyProof } from '../audit/stored-proofs.ts'
import { refuse } from '../refuse.ts'
import type { Store } from '../store/store.ts'
import type { SamTime } from '../time/sam-time.ts'
import type { WitnessAnswer, WitnessClient } from './witness-client.ts'

export interface WitnessesOptions {
  readonly clients: readonly WitnessClient[]
  /** How many have to cosign. */
  readonly quorum: number
  readonly store: Pick<Store, 'hashes'>
  readonly time: Pick<SamTime, 'milliseconds' | 'compare'>
}

export class Witnesses {
  readonly #options: WitnessesOptions

  constructor(options: WitnessesOptions) {
    this.#options = options
  }

  /**
   * The checkpoint with the cosignatures under it.
   * @throws LogRejected when one of them has seen another history, or more of this one
   * @throws Refusal `log-unavailable` when too few of them answer
   */
  async cosign(log: LogName, checkpoint: string): Promise<string> {
    const { clients, quorum, store, time } = this.#options
    const { size } = peekCheckpoint(checkpoint)
    const read = (level: number, from: number, count: number) => store.hashes(log, level, from, count)
    const proveFrom = (old: number) => consistencyProof(old, size, read)
    const askedAt = time.milliseconds()
    const answers = await Promise.all(clients.map(client => client.cosign(checkpoint, proveFrom)))
    for (const [i, answer] of answers.entries()) this.#checkAgrees(log, clients[i]?.name, answer)
    const cosigned = answers.filter(answer => answer.outcome === 'cosigned')
    if (cosigned.length < quorum) throw refuse('log-unavailable', { log, witnesses: cosigned.length, quorum })
    for (const { cosignature } of cosigned) time.compare(askedAt, cosignature.at)
    return checkpoint + cosigned.map(({ lines }) => lines).join('')
  }

  #checkAgrees(log: LogName, name: string | undefined, answer: WitnessAnswer): void {
    if (answer.outcome === 'knows-more')
      throw new LogRejected(`${log}: the witness ${name} has seen ${answer.size} leaves of it`)
    if (answer.outcome === 'knows-other')
      throw new LogRejected(`${log}: the witness ${name} has seen another one`)
  }
}
