/** The CSC API of one service: JSON out, JSON in, in the edition that it speaks. */
import type { Edition } from '@natsuin/protocol/csc'
import type { Answer, BodyReader, Outgoing } from '../http/attempt.ts'
import type { CallOptions, Connection } from '../http/connection.ts'
import type { Repeatable } from '../http/repeat.ts'
import type { Token } from '../token.ts'
import { editionInUrl, editionOfSpecs } from './edition.ts'
import { readServiceInfo, type ServiceInfo } from './service-info.ts'

/** What the methods of the API take beside what they say. */
export interface MethodOptions extends CallOptions {
  /** RFC 5646: the language of what people read in the answer. */
  readonly lang?: string
  /** For the service's log; it may say something about the signer. */
  readonly clientData?: string
}

/** Absent members are `undefined`. */
export type Body = Readonly<Record<string, unknown>>

export interface MethodCall {
  readonly token: Token | undefined
  /** Default: `freely`. */
  readonly repeatable?: Repeatable
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of JSON of the body, made anew for each attempt. */
  readonly encode?: (body: Body) => Promise<BodyInit>
  readonly read?: BodyReader
}

export class CscService {
  readonly #connection: Connection
  readonly #base: string
  #told: Promise<Told> | undefined

  constructor(connection: Connection, baseUrl: string) {
    this.#connection = connection
    this.#base = baseUrl.replace(/(?<!\/)\/*$/, '/')
  }

  /** What Natsuin has beside the CSC API, whichever of its base paths we came by. */
  beside(path: string): string {
    return this.#base.replace(/(?:clients\/[^/]+\/)?csc\/v\d\/$/, path)
  }

  /** Asked once; a failure is not remembered. */
  async told(options: CallOptions): Promise<Told> {
    // Whoever shares the question must not end with the signal of who asked first.
    this.#told ??= this.ask({})
    try {
      return await ended(this.#told, options.signal)
    } catch (error) {
      this.#told = undefined
      throw error
    }
  }

  async ask(options: MethodOptions): Promise<Told> {
    const { body: answer, headers } = await this.call('info', {}, { token: undefined }, options)
    return { info: readServiceInfo(answer), keepsAnswers: headers.get(KEEPS_ANSWERS) !== null }
  }

  async edition(options: CallOptions): Promise<Edition> {
    return editionInUrl(this.#base) ?? editionOfSpecs((await this.told(options)).info.specs)
  }

  /** @throws CscError, Unanswered, the reason of the signal */
  async call(
    method: string,
    body: Body,
    { token, repeatable = 'freely', headers = {}, encode = inJson, read }: MethodCall,
    options: MethodOptions,
  ): Promise<Answer> {
    const { lang, clientData } = options
    const prepare = async (): Promise<Outgoing> => ({
      url: new URL(method, this.#base).href,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body: await encode({ ...body, lang, clientData }),
    })
    return await this.#connection.send({ repeatable, prepare, token, ...(read && { read }) }, options)
  }
}

async function inJson(body: Body): Promise<string> {
  return JSON.stringify(body)
}

/** What the service says of itself. */
export interface Told {
  readonly info: ServiceInfo
  /** Whether it answers a signing call that carries the `Idempotency-Key` of an earlier one with that one's values. */
  readonly keepsAnswers: boolean
}

/** Natsuin's own: a header of the answer to `info`, where no other client meets it. */
const KEEPS_ANSWERS = 'natsuin-keeps-answers'

function ended<T>(value: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return value
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const end = () => reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  return Promise.race([value, promise]).finally(() => signal.removeEventListener('abort', end))
}
