/** One request and its answer, by a deadline. Whatever stands between us and the service shows up as `Unanswered`. */
import { CscError, Unanswered } from '../csc-error.ts'
import { type Members, membersOr, optionalText } from '../json.ts'
import { retryAfterSecondsOf } from './retry-after.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface Outgoing {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: BodyInit
}

export interface Deadline {
  /** Ends the call, whatever it is doing; what it throws then is the signal's own reason. */
  readonly signal: AbortSignal | undefined
  /** Of one attempt. */
  readonly timeoutMs: number
}

/** Told of the headers of every answer, refusals too. */
export type Observe = (headers: Headers) => void

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** What the reader made of the body. */
  readonly body: unknown
}

/** Takes the body in. What it throws beside what the connection throws, ends the call. */
export type BodyReader = (response: Response) => Promise<unknown>

/** @throws CscError what the service said no with; Unanswered; the reason of the signal */
export async function attempt(
  fetch: Fetch,
  { url, ...outgoing }: Outgoing,
  { signal, timeoutMs }: Deadline,
  { read = readJson, observe }: { readonly read?: BodyReader; readonly observe?: Observe } = {},
): Promise<Answer> {
  const timer = AbortSignal.timeout(timeoutMs)
  const ends = signal === undefined ? timer : AbortSignal.any([signal, timer])
  // A redirect would carry tokens to where nobody agreed to send them. Streams are sent in one direction at a time.
  const init = { ...outgoing, redirect: 'error', credentials: 'omit', signal: ends, duplex: 'half' } as const
  try {
    const response = await fetch(url, init)
    const { status, headers, ok } = response
    observe?.(headers)
    if (!ok) throw refusalIn(response, await readJson(response))
    return { status, headers, body: await read(response) }
  } catch (cause) {
    signal?.throwIfAborted()
    // What the network does to a request and to the body of its answer (Fetch Standard, "fetch method" and "body mixin").
    if (!(cause instanceof TypeError || cause instanceof DOMException)) throw cause
    throw new Unanswered(timer.aborted ? 'timed-out' : 'connection-lost', { cause })
  }
}

/** The JSON value; `undefined` when there is no body or it is not JSON. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * CSC API v2.0.0.2, 10.1, and how servers stray from it: a code in capitals or with a space behind it, a description under
 * another name, a text instead of JSON.
 */
function refusalIn({ status, headers }: Response, body: unknown): CscError {
  const { error, ...more } = membersOr(body)
  const said = (optionalText(error) ?? '').trim().replace(/^Invalid_/, 'invalid_')
  const [, challenge] = /\berror="([^"]+)"/.exec(headers.get('www-authenticate') ?? '') ?? []
  // RFC 9449, 9: only the header has to say it.
  const code = challenge === 'use_dpop_nonce' || said === '' ? (challenge ?? codeOf(status)) : said
  return new CscError(status, code, descriptionIn(more), retryAfterSecondsOf(headers))
}

const DESCRIPTIONS = ['error_description', 'errorDescription', 'message']

function descriptionIn(body: Members): string {
  const texts = DESCRIPTIONS.map(name => optionalText(body[name]))
  return texts.find(one => one !== undefined) ?? ''
}

/** Of an answer that names none. */
function codeOf(status: number): string {
  return BY_STATUS.get(status) ?? (status >= 500 ? 'server_error' : 'invalid_request')
}

const BY_STATUS: ReadonlyMap<number, string> = new Map([
  [401, 'invalid_token'],
  [403, 'access_denied'],
  [429, 'rate_limited'],
  [501, 'not_implemented'],
  [503, 'temporarily_unavailable'],
])
