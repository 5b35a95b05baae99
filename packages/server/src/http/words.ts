/** How each edge says each refusal: what docs/errors.md is printed from. */
import { DOCUMENT_ERRORS, DOMAIN_ERRORS, REQUEST_ERRORS } from '../csc/errors.ts'
import { OAUTH_WORDS } from '../oauth/errors.ts'
import { pageStatus } from './page-errors.ts'

export function wordsOfEdges() {
  const codes = Object.keys(OAUTH_WORDS)
  const pages = Object.fromEntries(codes.map(code => [code, { status: pageStatus(code) }]))
  const request = { ...REQUEST_ERRORS, ...DOCUMENT_ERRORS }
  return { request, csc: DOMAIN_ERRORS, oauth: OAUTH_WORDS, pages }
}
