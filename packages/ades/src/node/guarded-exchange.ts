/**
 * HTTP requests to addresses that strangers chose: in certificates, in documents, in configuration.
 *
 * The name is resolved once, every address it has is judged, and the very address that was judged is dialled, so that
 * a name which changes between two look-ups gains nothing. Redirects are judged anew. Sizes and times are limited,
 * and nothing is decompressed.
 */
import { lookup } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import { concat } from '@natsuin/pki/encoding'
import { AdesRefusal } from '../refusal.ts'
import type { Exchange, ExchangeRequest } from '../revocation/exchange.ts'
import { allowedUrl, type UrlRules } from './allowed-url.ts'
import { isPublicAddress } from './public-address.ts'

export interface GuardedExchangeOptions extends UrlRules {
  /** For one request, redirects included. */
  readonly timeoutSeconds?: number
  /** Any status of success is an answer, and whatever comes with it is left unread: for what is told and not asked. */
  readonly isNotification?: boolean
  /** Replaces the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

const DEFAULT_TIMEOUT_SECONDS = 10
const MAX_REDIRECTS = 2

/** An `Exchange` for Node. @throws AdesRefusal `exchange-forbidden`, `exchange-failed` */
export function guardedExchange(options: GuardedExchangeOptions = {}): Exchange {
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options
  return async request => {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000)
    return new GuardedExchange(options, signal).ask(request, MAX_REDIRECTS)
  }
}

class GuardedExchange {
  readonly #options: GuardedExchangeOptions
  readonly #signal: AbortSignal

  constructor(options: GuardedExchangeOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  async ask(request: ExchangeRequest, redirects: number): Promise<Uint8Array> {
    const url = allowedUrl(request.url, this.#options)
    const address = await this.#addressOf(url)
    const response = await this.#send(url, address, request)
    const location = redirectOf(response, request)
    if (location === undefined) return this.#bodyOf(response, request.maxBytes)
    response.destroy()
    if (redirects === 0) throw failed('too many redirects')
    return this.ask({ ...request, url: absolute(location, url) }, redirects - 1)
  }

  /** Every address must be public: with one that is not, which one is dialled would be a matter of luck. */
  async #addressOf(url: URL): Promise<string> {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const addresses = isIP(host) === 0 ? await this.#resolved(host) : [host]
    const [first] = addresses
    if (first === undefined) throw failed('the name has no address')
    if (this.#options.ownHosts?.includes(url.host)) return first
    if (!addresses.every(isPublicAddress)) throw new AdesRefusal('exchange-forbidden', 'not a public address')
    return first
  }

  async #resolved(host: string): Promise<readonly string[]> {
    const resolve = this.#options.resolve ?? systemResolver
    try {
      return await resolve(host)
    } catch (cause) {
      throw failed('the name does not resolve', cause)
    }
  }

  async #send(url: URL, address: string, request: ExchangeRequest): Promise<IncomingMessage> {
    const { request: send } = await clientFor(url)
    const method = request.body === undefined ? 'GET' : 'POST'
    return new Promise((resolve, reject) => {
      const sent = send(url, {
        method,
        headers: headersOf(request),
        agent: false,
        signal: this.#signal,
        lookup: always(address),
        maxHeaderSize: MAX_HEADER_BYTES,
      })
      sent.on('response', resolve)
      sent.on('error', error => reject(failed('no answer', error)))
      sent.end(request.body)
    })
  }

  async #bodyOf(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
    try {
      if (this.#options.isNotification === true) return checkTaken(response)
      checkHead(response, maxBytes)
      return await readAtMost(response, maxBytes)
    } catch (error) {
      if (error instanceof AdesRefusal) throw error
      throw failed('the answer broke off', error)
    } finally {
      response.destroy()
    }
  }
}

/** Loaded when it is needed: HTTP is ten megabytes of memory, and who only signs files does without. */
function clientFor({ protocol }: URL) {
  return protocol === 'https:' ? import('node:https') : import('node:http')
}

const MAX_HEADER_BYTES = 16 * 1024

function headersOf({ body, contentType, accept }: ExchangeRequest): Record<string, string> {
  return {
    Accept: accept,
    'Accept-Encoding': 'identity',
    Connection: 'close',
    ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    ...(body === undefined ? {} : { 'Content-Length': String(body.length) }),
  }
}

/** Dials what was judged, whatever the name means by now. */
function always(address: string): LookupFunction {
  const family = isIP(address)
  return (_, { all }, callback) =>
    all ? callback(null, [{ address, family }]) : callback(null, address, family)
}

async function systemResolver(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

/** Only a GET is repeated elsewhere: what was posted was meant for the one who was asked. */
function redirectOf(
  { statusCode = 0, headers }: IncomingMessage,
  { body }: ExchangeRequest,
): string | undefined {
  return REDIRECTS.has(statusCode) && body === undefined ? headers.location : undefined
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

function absolute(location: string, base: URL): string {
  if (!URL.canParse(location, base)) throw failed('a redirect to nowhere')
  return new URL(location, base).href
}

function checkHead({ statusCode, headers }: IncomingMessage, maxBytes: number): void {
  if (statusCode !== 200) throw failed(`status ${statusCode}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw failed('an encoded answer')
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) throw failed('a page instead of an answer')
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw failed('the answer is too long')
}

function checkTaken({ statusCode = 0 }: IncomingMessage): Uint8Array {
  if (statusCode < 200 || statusCode > 299) throw failed(`status ${statusCode}`)
  return new Uint8Array()
}

async function readAtMost(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response) {
    if (!(piece instanceof Uint8Array)) throw new TypeError('an answer is bytes')
    size += piece.length
    if (size > maxBytes) throw failed('the answer is too long')
    pieces.push(piece)
  }
  return concat(...pieces)
}

function failed(what: string, cause?: unknown): AdesRefusal {
  return new AdesRefusal('exchange-failed', what, { cause })
}
