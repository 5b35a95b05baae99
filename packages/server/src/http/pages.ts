/**
 * The pages of this server (packages/web, built): log-in, account, and whatever stands beside them.
 *
 * Scripts and styles from this origin only, nothing inline, never in a frame. Without a bundle the API works and
 * the pages answer 404.
 */
import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

export function pageRoutes(webRoot: string) {
  return async (app: FastifyInstance): Promise<void> => {
    if (!existsSync(webRoot)) return
    app.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', POLICY)
    })
    await app.register(fastifyStatic, { root: webRoot, index: ['index.html'], cacheControl: false })
    const page = (name: string) => (_request: unknown, reply: FastifyReply) => reply.sendFile(name)
    app.get('/login/:uid', page('login.html'))
    app.get('/account', page('account.html'))
    app.get('/account/', page('account.html'))
    app.get('/csc', page('api.html'))
    app.get('/csc/', page('api.html'))
  }
}
