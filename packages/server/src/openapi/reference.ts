/** The documents as docs/openapi has them: of a service that offers everything, at an address of nobody. */
import { editions } from '@natsuin/protocol/csc'
import { openApiDocument } from './document.ts'

const ANY_SERVICE = { publicUrl: 'https://sign.example.org', name: 'Natsuin' }

export function openApiReference(): object {
  return Object.fromEntries(editions.map(edition => [edition, openApiDocument(edition, ANY_SERVICE)]))
}
