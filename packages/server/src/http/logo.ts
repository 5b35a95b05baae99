/** `/logo.png` — the picture that `info.logo` points to: PNG, at most 256 × 256 (CSC API v2.0.0.2, 11.1). */
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

export async function logoRoute(app: FastifyInstance): Promise<void> {
  const logo = readFileSync(new URL('../../assets/logo.png', import.meta.url))
  app.get('/logo.png', (_request, reply) => reply.type('image/png').send(logo))
}
