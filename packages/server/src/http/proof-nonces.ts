/** The header `DPoP-Nonce` in whatever is answered to who uses proofs (RFC 9449, 8.2 and 9). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Proofs } from '../oauth/dpop/proofs.ts'

export function offerNonces(app: FastifyInstance, proofs: Proofs): void {
  app.addHook('onRequest', async (request, reply) => {
    if (usesProofs(request)) reply.header('dpop-nonce', proofs.newestNonce())
  })
}

const usesProofs = ({ headers }: FastifyRequest): boolean =>
  headers['dpop'] !== undefined || /^DPoP /i.test(headers.authorization ?? '')
