/**
 * Who may call from a page. Bearer APIs: anybody, because the token is the whole right and no cookie is read.
 * What the approval page needs: the approval origin alone, without credentials.
 */
import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'

const shared = {
  credentials: false,
  methods: ['GET', 'POST'],
  allowedHeaders: ['authorization', 'content-type', 'dpop', 'idempotency-key'],
  exposedHeaders: ['dpop-nonce', 'www-authenticate', 'retry-after', 'natsuin-keeps-answers'],
  maxAge: 3600,
}

export async function allowAnyOrigin(app: FastifyInstance): Promise<void> {
  await app.register(cors, { ...shared, origin: '*' })
}

export async function allowOrigin(app: FastifyInstance, origin: string): Promise<void> {
  await app.register(cors, { ...shared, origin: [origin] })
}
