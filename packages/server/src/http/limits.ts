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
  const wrong = new Allowances({ perMinute: guesses })
  app.addHook('onRequest', async request => {
    const caller = callerOf(request)
    const wait = wrong.wait(caller) || (carriesToken(request) ? 0 : unknown.take(caller))
    if (wait > 0) throw new TooManyRequests(wait)
  })
  app.addHook('onResponse', async (request, reply) => {
    if (reply.raw.statusCode === 401) wrong.take(callerOf(request))
  })
}

const carriesToken = ({ headers }: FastifyRequest) => /^(?:Bearer|DPoP) /i.test(headers.authorization ?? '')

/** Tokens that are counted when they are shown, by client and by signer. */
export function countedTokens(tokens: AccessTokens, { client, signer }: Limits['perMinute']): AccessTokens {
  const clients = new Allowances({ perMinute: client })
  const signers = new Allowances({ perMinute: signer })
  return {
    ...tokens,
    async read(presented) {
      const access = await tokens.read(presented)
      const waits = [clients.take(access.clientId), ...signersOf(access).map(id => signers.take(id))]
      const wait = Math.max(...waits)
      if (wait > 0) throw new TooManyRequests(wait)
      return access
    },
  }
}
