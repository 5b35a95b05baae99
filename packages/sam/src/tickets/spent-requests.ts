/**
 * The request objects that were approved here, until no ticket can stand beside them any more.
 *
 * Memory decides, as it does for tickets; a row in the database is written as well, so that another process of the
 * same deployment, or this one after a restart, cannot approve one again on an honest database. Each entry costs a
 * person's approval, so their number needs no other bound.
 */
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { RequestObject } from '@natsuin/protocol/request'
import { refuse } from '../refuse.ts'
import type { SpentNonce } from '../store/store.ts'

type Named = Pick<RequestObject, 'clientId' | 'jti' | 'expiresAt'>

/** A ticket that was issued while the request was fresh can be open for this long. */
const LONGEST_TICKET_SECONDS = 3600

export class SpentRequests {
  /** Digest in base64url → seconds since 1970-01-01T00:00:00Z; oldest first. */
  readonly #until = new Map<string, number>()

  /** @throws Refusal `request-object-spent` */
  checkUnused(request: Named): void {
    if (this.#until.has(toBase64url(nonceOf(request)))) throw refuse('request-object-spent')
  }

  /** Spends it in memory, and gives the row that says so on disk. @throws Refusal `request-object-spent` */
  spend(request: Named, now: number): SpentNonce {
    this.checkUnused(request)
    this.#forgetOldest(now)
    const nonce = nonceOf(request)
    const expiresAt = request.expiresAt + LONGEST_TICKET_SECONDS
    this.#until.set(toBase64url(nonce), expiresAt)
    return { nonce, expiresAt }
  }

  #forgetOldest(now: number): void {
    for (const [nonce, until] of this.#until) {
      if (now < until) return
      this.#until.delete(nonce)
    }
  }
}

/** Beside the nonces of tickets, which are random, a digest stands for client and jti. */
function nonceOf({ clientId, jti }: Named): Uint8Array {
  return digestSync('sha256', utf8(`natsuin-request-v1\n${clientId}\n${jti}`))
}
