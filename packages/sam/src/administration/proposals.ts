/**
 * Administrative requests that wait for approvals, in the memory of the process that took them (sole-control 8).
 *
 * A restart forgets them: what had been approved until then has not taken effect, and is asked for again. The book is
 * bounded; when it is full, the oldest go.
 */
import { toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { type AdministrativeRequest, requestBytes } from '@natsuin/protocol/administration'
import type { ApprovedStatement } from '@natsuin/protocol/evidence'
import { refuse } from '../refuse.ts'

const MAX_PROPOSALS = 200

/** Somebody's approval, and whether it is on disk. */
interface Approval {
  readonly statement: ApprovedStatement
  recorded: boolean
}

export class Proposal {
  readonly request: AdministrativeRequest
  /** SHA-256 of the request. */
  readonly digest: Uint8Array
  /** How many people have to approve it. */
  readonly needed: number
  readonly #approvals = new Map<string, Approval>()
  #state: 'open' | 'performing' | 'done' | 'failed' = 'open'
  #failure: string | undefined

  constructor(request: AdministrativeRequest, needed: number) {
    this.request = request
    this.digest = digestSync('sha256', requestBytes(request))
    this.needed = needed
  }

  get id(): string {
    return toBase64url(this.digest)
  }

  /** Who approved it, in this order. */
  get approvers(): readonly string[] {
    return [...this.#approvals.keys()]
  }

  get outcome(): { readonly state: 'open' | 'done' | 'failed'; readonly failure: string | undefined } {
    return { state: this.#state === 'performing' ? 'open' : this.#state, failure: this.#failure }
  }

  /** @throws Refusal `request-expired`, `request-closed`, `request-approved-already` */
  checkOpenFor(personId: string, nowSeconds: number): void {
    if (nowSeconds >= this.request.notAfter) throw refuse('request-expired')
    if (this.#state !== 'open') throw refuse('request-closed')
    if (this.#approvals.has(personId)) throw refuse('request-approved-already')
  }

  /** Counts an approval, in the turn in which it was checked. */
  approve(personId: string, statement: ApprovedStatement): void {
    this.#approvals.set(personId, { statement, recorded: false })
  }

  /** The approval is certainly not on disk: it may be given again. */
  forget(personId: string): void {
    this.#approvals.delete(personId)
  }

  /** The approval is on disk. Returns them all, once, when it is the last that was needed. */
  recorded(personId: string): readonly ApprovedStatement[] | undefined {
    const approval = this.#approvals.get(personId)
    if (approval !== undefined) approval.recorded = true
    const recorded = [...this.#approvals.values()].filter(one => one.recorded)
    if (this.#state !== 'open' || recorded.length < this.needed) return undefined
    this.#state = 'performing'
    return recorded.map(({ statement }) => statement)
  }

  close(failure?: string): void {
    this.#state = failure === undefined ? 'done' : 'failed'
    this.#failure = failure
  }
}

export class Proposals {
  /** Oldest first. */
  readonly #proposals = new Map<string, Proposal>()

  add(proposal: Proposal, nowSeconds: number): void {
    for (const [id, { request }] of this.#proposals) {
      const isOver = nowSeconds >= request.notAfter
      if (isOver || this.#proposals.size >= MAX_PROPOSALS) this.#proposals.delete(id)
    }
    this.#proposals.set(proposal.id, proposal)
  }

  /** @throws Refusal `request-unknown` */
  need(id: string): Proposal {
    const proposal = this.#proposals.get(id)
    if (proposal === undefined) throw refuse('request-unknown')
    return proposal
  }

  list(): readonly Proposal[] {
    return [...this.#proposals.values()]
  }

  withdraw(id: string): void {
    this.#proposals.delete(id)
  }
}
