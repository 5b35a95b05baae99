/** The CSC API over HTTP: POST of JSON, by the table of methods. CSC API v1.0.4.0 and v2.0.0.2, 7 and 10. */

import { Readable } from 'node:stream'
import type { Edition } from '@natsuin/protocol/csc'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { RequestRefused } from './errors.ts'
import { type CscMethod, isOffered, type Services } from './method.ts'
import { CSC_METHODS } from './methods.ts'
import { takeDocuments, whileItStays } from './upload.ts'

/** Where an edition is found: by its own path, and by that of a client, who is known by it. */
export const BASE_PATHS = ['/csc/', '/clients/:clientId/csc/'] as const

const OTHER_VERBS = ['GET', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY'] as const

export function cscRoutes(edition: Edition, services: Services) {
  return async (app: FastifyInstance): Promise<void> => {
    for (const [name, row] of Object.entries(CSC_METHODS)) {
      const method = row[edition]
      const handler =
        method !== undefined && isOffered(method, services)
          ? answer(method, edition, services)
          : notImplemented
      if (method?.takesDocuments) await app.register(documentRoute(name, handler, services))
      else app.post(`/${name}`, handler)
      app.route({ method: [...OTHER_VERBS], url: `/${name}`, handler: verbNotAllowed })
    }
    app.setNotFoundHandler(() => {
      throw new RequestRefused('method-unknown')
    })
  }
}

/** In a scope of its own, because its body is read in another way. */
function documentRoute(name: string, handler: RouteHandlerMethod, services: Services) {
  return async (scope: FastifyInstance): Promise<void> => {
    takeDocuments(scope, services)
    scope.post(`/${name}`, whileItStays(handler))
  }
}

function answer(method: CscMethod, edition: Edition, services: Services) {
  return async (http: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { clientId } = http.params as { readonly clientId?: string } // by the pattern of the base path
    const { status, headers, body } = await method.answer({ http, edition, clientId }, services)
    reply.code(status).headers({ ...KEEPS_ANSWERS, ...headers })
    if (body instanceof Readable) reply.type('application/json; charset=utf-8')
    return status === 204 ? reply.send() : body
  }
}

/** Natsuin's own: our client sends a signing call again when its answer was lost, since it is answered with the same values. */
const KEEPS_ANSWERS = { 'natsuin-keeps-answers': 'idempotency-key' }

function notImplemented(): never {
  throw new RequestRefused('method-not-implemented')
}

/** RFC 9110, 15.5.6: with what is allowed. */
function verbNotAllowed(_request: FastifyRequest, reply: FastifyReply): never {
  reply.header('allow', 'POST')
  throw new RequestRefused('verb-not-allowed')
}
