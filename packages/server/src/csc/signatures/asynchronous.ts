/**
 * Asynchronous requests: `operationMode` A, with how long their result is kept and where the client is told.
 * CSC API v2.0.0.2, 11.10 and 11.11. Beside S, the default, the other two mean nothing and are ignored.
 */
import { RequestRefused } from '../errors.ts'

export interface Asynchronous {
  readonly validitySeconds: number
  readonly responseUri: string | undefined
}

interface Given {
  readonly operationMode?: 'S' | 'A'
  readonly validity_period?: number
  readonly response_uri?: string
}

const MIN_MILLISECONDS = 1000
const MAX_MILLISECONDS = 7 * 24 * 3600 * 1000
const DEFAULT_MILLISECONDS = 3600 * 1000

/** Undefined for a synchronous one. @throws RequestRefused */
export function readMode({
  operationMode,
  validity_period: validity = DEFAULT_MILLISECONDS,
  response_uri: responseUri,
}: Given): Asynchronous | undefined {
  if (operationMode !== 'A') return undefined
  if (validity < MIN_MILLISECONDS || validity > MAX_MILLISECONDS) {
    throw new RequestRefused('validity-period-out-of-bounds')
  }
  if (responseUri !== undefined) checkMayBeTold(responseUri)
  return { validitySeconds: Math.ceil(validity / 1000), responseUri }
}

const SCHEMES: readonly string[] = ['http:', 'https:']

/** Which addresses may be asked at all is decided when it is (T-SSRF-01). */
function checkMayBeTold(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isAddress = url !== undefined && SCHEMES.includes(url.protocol) && url.username === ''
  if (!isAddress) throw new RequestRefused('response-uri-invalid')
}
