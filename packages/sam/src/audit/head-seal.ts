/**
 * The seal on the end of a log: what stands before it was written by a SAM of this deployment (sole-control 9).
 *
 * Every commit stores one with its last leaf. Whoever writes to the database can cut a log off behind an earlier
 * seal, which the copies outside show; he can append nothing that a SAM would take over.
 */
import type { Seal } from '@natsuin/crypto-module'
import { equal } from '@natsuin/pki/encoding'
import type { TreeHead } from '@natsuin/protocol/log'

export class HeadSeal {
  readonly #seal: Seal

  /** @param seal the one on records; heads are a kind of their own */
  constructor(seal: Seal) {
    this.#seal = seal
  }

  close(head: TreeHead): Uint8Array {
    return this.#seal.close(nameOf(head), head.rootHash)
  }

  isGenuine(head: TreeHead, sealed: Uint8Array | undefined): boolean {
    if (sealed === undefined) return false
    const rootHash = this.#seal.open(nameOf(head), sealed)
    return rootHash !== undefined && equal(rootHash, head.rootHash)
  }
}

const nameOf = ({ origin, size }: TreeHead) => ({ kind: 'log-head', id: origin, version: size })
