/**
 * Requests with documents in them: their body goes to the disk as it comes in, after whoever sends it has shown that he may,
 * and is gone when the request has been answered or has broken off.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SpooledDocument } from '../documents/base64-file.ts'
import type { Spool, SpoolFolder } from '../documents/spool.ts'
import type { AccessOf } from '../http/authorization.ts'
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

/** Of what stands around the documents: as for every other method. */
const MAX_JSON_BYTES = 1024 * 1024

const uploads = new WeakMap<FastifyRequest, Upload>()

/** What came with a request whose route takes documents. */
export function uploadOf(request: FastifyRequest): Upload {
  const upload = uploads.get(request)
  if (upload === undefined) throw new TypeError('this method takes no documents')
  return upload
}

/** In a scope of its own: every route in it takes documents. */
export function takeDocuments(scope: FastifyInstance, { spool, accessOf, description }: UploadParts): void {
  const limits = { maxJsonBytes: MAX_JSON_BYTES, maxDocumentBytes: description.maxDocumentBytes }
  scope.addHook('onRequest', async request => void (await accessOf(request)))
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser(
    'application/json',
    async (request: FastifyRequest, body: AsyncIterable<Uint8Array>) => {
      const folder = await spool.folder()
      try {
        const { value, documents } = await readSpooledJson(body, folder, limits)
        uploads.set(request, { documents, folder })
        return value
      } catch (error) {
        await folder.remove()
        throw error
      }
    },
  )
  scope.addHook('onResponse', async request => {
    await uploads.get(request)?.folder.remove()
  })
}
