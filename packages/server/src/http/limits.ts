/**
 * How much is taken on: requests at once, and requests a minute of one address, client and signer (threats T-DOS-02,
 * -07, -09).
 *
 * Whatever waits behind a request (a query, a call to the SAM) is bounded by the requests that are worked on, so there
 * is no other queue. Who comes too often is told when he may come again, before his request costs anything. Counted in
 * the memory of this process: a deployment of several lets through as much more.
 */
import { Allowances } from '@natsuin/protocol/node'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Limits } from '../config/limits.ts'
import { RequestRefused } from '../csc/errors.ts'
import { type AccessTokens, signersOf } from '../oauth/access-tokens.ts'
import { TooManyRequests } from './too-many-requests.ts'

type CallerOf = (request: FastifyRequest) => string

export function limitRequests(
  app: FastifyInstance,
  { inFlight, perMinute }: Limits,
  callerOf: CallerOf,
): void {
  limitInFlight(app, inFlight)
  limitAddresses(app, perMinute, callerOf)
}

function limitInFlight(app: FastifyInstance, most: number): void {
  let count = 0
  app.addHook('onRequest', async (_request, reply) => {
    if (count >= most) throw new RequestRefused('overloaded')
    count += 1
    reply.raw.once('close', () => {
      count -= 1
    })
  })
}

function limitAddresses(
  app: FastifyInstance,
  { address, guesses }: Limits['perMinute'],
  callerOf: CallerOf,
): void {
  const unknown = new Allowances({ perMinute: address })
  const pretended = new Allowances({ perMinute: address })
  const wrong = new Allowances({ perMinute: guesses })
  app.addHook('onRequest', async (request, reply) => {
    const caller = callerOf(request)
    const shows = showsToken(request)
    const wait = wrong.wait(caller) || (shows ? pretended.wait(caller) : unknown.take(caller))
    if (wait > 0) throw new TooManyRequests(wait)
    // What a token is worth is known afterwards, and also of a request that broke off.
    reply.raw.once('close', () => {
      if (shows && !admitted.has(request)) pretended.take(caller)
      if (reply.raw.statusCode === 401) wrong.take(caller)
    })
  })
}

const showsToken = ({ headers }: FastifyRequest) => /^(?:Bearer|DPoP) /i.test(headers.authorization ?? '')

/** Requests whose token was good: they count with their client and signer, and not with their address. */
const admitted = new WeakSet<FastifyRequest>()

/** What a request's token gives access to, and that it was good. */
export async function admit<A>(request: FastifyRequest, access: Promise<A>): Promise<A> {
  const given = await access
  admitted.add(request)
  return given
}

/** Tokens that are counted when they are shown, by client and by signer. */
export function countedTokens(tokens: AccessTokens, { client, signer }: Limits['perMinute']): AccessTokens {
  const clients = new Allowances({ perMinute: client })
  const signers = new Allowances({ perMinute: signer })
  const count = (clientId: string, signerIds: readonly string[]) => {
    const wait = Math.max(clients.take(clientId), ...signerIds.map(id => signers.take(id)))
    if (wait > 0) throw new TooManyRequests(wait)
  }
  return {
    ...tokens,
    async read(presented) {
      const access = await tokens.read(presented)
      count(access.clientId, signersOf(access))
      return access
    },
    async readAct(presented) {
      const access = await tokens.readAct(presented)
      count(access.clientId, [access.signerId])
      return access
    },
  }
}
