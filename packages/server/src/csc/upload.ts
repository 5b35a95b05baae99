/**
 * Requests with documents in them: their body goes to the disk as it comes in, after whoever sends it has shown that he may,
 * and is gone when the request has been answered or has broken off.
 */
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { SpooledDocument } from '../documents/base64-file.ts'
import type { Spool, SpoolFolder } from '../documents/spool.ts'
import { MAX_JSON_BYTES } from '../http/app.ts'
import type { AccessOf } from '../http/authorization.ts'
import { signersOf } from '../oauth/access-tokens.ts'
import { readSpooledJson } from './spooled-json.ts'

/** The documents of a request, and the folder in which they are. */
export interface Upload {
  readonly documents: readonly SpooledDocument[]
  readonly folder: SpoolFolder
}

export interface UploadParts {
  readonly spool: Spool
  readonly accessOf: AccessOf
  readonly description: { readonly maxDocumentBytes: number }
}

/** From the first byte of a request to the last of its answer, whoever reads it however slowly. */
const MOST_MILLISECONDS = 10 * 60_000

const uploads = new WeakMap<FastifyRequest, Upload>()

/** What came with a request whose route takes documents. */
export function uploadOf(request: FastifyRequest): Upload {
  const upload = uploads.get(request)
  if (upload === undefined) throw new TypeError('this method takes no documents')
  return upload
}

/** What has to be over before the folder of a request may go. */
interface Stay {
  readonly owner: string
  readonly closed: Promise<void>
  readonly handled: PromiseWithResolvers<void>
}

const stays = new WeakMap<FastifyRequest, Stay>()

/** In a scope of its own: every route in it takes documents. */
export function takeDocuments(scope: FastifyInstance, { spool, accessOf, description }: UploadParts): void {
  const limits = { maxJsonBytes: MAX_JSON_BYTES, maxDocumentBytes: description.maxDocumentBytes }
  scope.addHook('onRequest', async (request, { raw }) => {
    const closed = new Promise<void>(resolve => raw.once('close', resolve))
    const deadline = setTimeout(() => raw.destroy(), MOST_MILLISECONDS).unref()
    void closed.then(() => clearTimeout(deadline))
    const access = await accessOf(request)
    const owner = `${access.clientId} ${signersOf(access).join(' ')}`
    stays.set(request, { owner, closed, handled: Promise.withResolvers() })
  })
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser(
    'application/json',
    async (request: FastifyRequest, body: AsyncIterable<Uint8Array>) => {
      const stay = stays.get(request)
      const folder = await spool.folder(stay?.owner)
      try {
        const { value, documents } = await readSpooledJson(body, folder, limits)
        uploads.set(request, { documents, folder })
        void Promise.all([stay?.closed, stay?.handled.promise]).then(() => folder.remove())
        return value
      } catch (error) {
        await folder.remove()
        throw error
      }
    },
  )
}

/** The handler of such a route: a connection that breaks off does not take away what is still worked on. */
export function whileItStays(handler: RouteHandlerMethod): RouteHandlerMethod {
  return async function (request, reply) {
    try {
      return await handler.call(this, request, reply)
    } finally {
      stays.get(request)?.handled.resolve()
    }
  }
}
