/** `/csc/v1/openapi.json` and `/csc/v2/openapi.json`: what this deployment offers, for programs that read OpenAPI. */
import { editions } from '@natsuin/protocol/csc'
import type { FastifyInstance } from 'fastify'
import { isOffered, type Services } from '../csc/method.ts'
import { openApiDocument } from './document.ts'

export function openApiRoutes(services: Services) {
  return async (app: FastifyInstance): Promise<void> => {
    for (const edition of editions) {
      const document = openApiDocument(edition, services.description, method => isOffered(method, services))
      app.get(`/csc/${edition}/openapi.json`, async () => document)
    }
  }
}
