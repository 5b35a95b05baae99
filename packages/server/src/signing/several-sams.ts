/**
 * Several SAMs as one: each request goes where it can be answered, and one SAM that is down does not stop the others.
 *
 * What stands on a ticket or a SAD goes to the SAM that issued it. When that one does not answer, another is asked, who
 * repeats what was finished and refuses the rest: nothing can happen twice, because nothing is spent there. A SAM that
 * did not answer comes last for a while.
 */
import { type Connection, PeerFault } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapMethod, SapMethods, SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { type Route, routeOf } from './sam-routes.ts'

type Sam = Connection<SapMethods>

interface Peer {
  readonly connection: Sam
  /** As it said when it was asked. */
  instance: string | undefined
  /** Until when it comes last, milliseconds of the monotonic clock. */
  restsUntil: number
}

const REST_MILLISECONDS = 5000

export class SeveralSams {
  readonly #peers: readonly Peer[]
  #turn = 0

  constructor(connections: readonly Sam[]) {
    this.#peers = connections.map(connection => ({ connection, instance: undefined, restsUntil: 0 }))
  }

  /** @throws Refusal of a SAM @throws PeerFault when none answers */
  async call<M extends SapMethod>(
    method: M,
    request: SapRequest<M>,
    route: Route = routeOf(method, request),
  ): Promise<SapResponse<M>> {
    if (route.everywhere) return this.#tellAll(method, request)
    let reason: unknown = new PeerFault('there is no SAM')
    for (const peer of await this.#inOrder(route)) {
      try {
        return await peer.connection.call(method, request)
      } catch (error) {
        if (isOut(error)) this.#letRest(peer)
        else if (!mayAnotherOne(error, route)) throw error
        reason = error
      }
    }
    throw reason
  }

  close(): void {
    for (const { connection } of this.#peers) connection.close()
  }

  async #tellAll<M extends SapMethod>(method: M, request: SapRequest<M>): Promise<SapResponse<M>> {
    const told = await Promise.allSettled(
      this.#peers.map(({ connection }) => connection.call(method, request)),
    )
    const heard = told.find(one => one.status === 'fulfilled')
    if (heard !== undefined) return heard.value
    throw told.find(one => one.status === 'rejected')?.reason ?? new PeerFault('there is no SAM')
  }

  async #inOrder({ owner, prefersFirst }: Route): Promise<readonly Peer[]> {
    if (owner !== undefined) await this.#findOut(owner)
    const turned = prefersFirst || owner !== undefined ? this.#peers : this.#inTurn()
    const now = performance.now()
    const rank = (peer: Peer) =>
      peer.instance === owner && owner !== undefined ? 0 : peer.restsUntil > now ? 2 : 1
    return turned.toSorted((a, b) => rank(a) - rank(b))
  }

  #inTurn(): readonly Peer[] {
    this.#turn = (this.#turn + 1) % this.#peers.length
    return [...this.#peers.slice(this.#turn), ...this.#peers.slice(0, this.#turn)]
  }

  /** Asks those whose names are not known, unless one of the others is who is looked for. */
  async #findOut(owner: string): Promise<void> {
    if (this.#peers.some(({ instance }) => instance === owner)) return
    const now = performance.now()
    const unknown = this.#peers.filter(peer => peer.instance === undefined && peer.restsUntil <= now)
    await Promise.all(unknown.map(peer => this.#ask(peer)))
  }

  async #ask(peer: Peer): Promise<void> {
    try {
      peer.instance = (await peer.connection.call('info', {})).instance
    } catch (error) {
      if (!isOut(error)) throw error
      this.#letRest(peer)
    }
  }

  #letRest(peer: Peer): void {
    peer.restsUntil = performance.now() + REST_MILLISECONDS
  }
}

/** It did not answer at all; a fault with an incident is an answer. */
const isOut = (error: unknown) => error instanceof PeerFault && error.incident === undefined

/** It cannot act at present, or does not have it: another one may. */
function mayAnotherOne(error: unknown, { owner, unknownAs }: Route): boolean {
  return error instanceof Refusal && owner === undefined && [...UNABLE, unknownAs].includes(error.code)
}
const UNABLE: readonly (string | undefined)[] = ['log-unavailable', 'module-unavailable', 'time-untrusted']
