/** The CSC API over HTTP: POST of JSON, by the table of methods. CSC API v2.0.0.2, 7 and 10. */

import { Refusal } from '@natsuin/protocol/refusal'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { idempotencyKeyOf } from '../http/authorization.ts'
import type { Access } from '../oauth/access-tokens.ts'
import { RequestRefused } from './errors.ts'
import type { CscMethod, Services } from './method.ts'
import { CSC_METHODS } from './methods.ts'
import { readParameters } from './parameters.ts'

export function cscRoutes(services: Services) {
  return async (app: FastifyInstance): Promise<void> => {
    for (const [name, method] of Object.entries(CSC_METHODS)) {
      const handler = method === undefined ? notImplemented : answer(method, services)
      app.post(`/${name}`, handler)
      app.route({ method: ['GET', 'PUT', 'PATCH', 'DELETE'], url: `/${name}`, handler: verbNotAllowed })
    }
    app.setNotFoundHandler(() => {
      throw new RequestRefused('method-unknown')
    })
  }
}

function answer(method: CscMethod, services: Services) {
  return async (request: FastifyRequest): Promise<object> => {
    const idempotencyKey = idempotencyKeyOf(request)
    if (method.access === 'none') {
      return method.handle(
        { parameters: readParameters(request.body), access: undefined, idempotencyKey },
        services,
      )
    }
    const access = await authorise(services, method.access, request)
    return method.handle({ parameters: readParameters(request.body), access, idempotencyKey }, services)
  }
}

async function authorise(
  { accessOf }: Services,
  demanded: 'service' | 'credential',
  request: FastifyRequest,
): Promise<Access> {
  const access = await accessOf(request)
  // A credential token is a service token for its own credential; a list speaks of others too.
  if (demanded === 'service' && access.scope !== 'service') throw new Refusal('token-invalid')
  return access
}

function notImplemented(): never {
  throw new RequestRefused('method-not-implemented')
}

function verbNotAllowed(): never {
  throw new RequestRefused('verb-not-allowed')
}
