/**
 * Asynchronous requests: accepted, worked on, asked about. CSC API v2.0.0.2, 11.10 to 11.12.
 *
 * What was accepted survives the process: another one, or this one after a restart, takes it up. The SAM is asked with an id
 * that follows from the request's, so that work which is begun twice signs once.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { utf8 } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import { type DocumentRefusalCode, DocumentRefused } from '../documents/refusal.ts'
import type { ResponseRecord, ResponseRepository } from '../storage/responses.ts'
import { bearerDigest, createBearer } from './bearer.ts'
import { ClientSlots } from './client-slots.ts'
import type { ServerRefusal } from './refusals.ts'
import type { ResponseFiles } from './response-files.ts'
import type { Sealer } from './sealer.ts'

/** What is asked for: JSON, with a name for who does it. */
export interface ResponseRequest {
  readonly kind: string
  readonly [member: string]: unknown
}

export interface AcceptedRequest {
  readonly clientId: string
  readonly signerId: string
  readonly request: ResponseRequest
  /** Documents of the request. */
  readonly paths: readonly string[]
  readonly validitySeconds: number
  readonly responseUri: string | undefined
}

/** The answer in the words of who made it: JSON, and documents beside it. */
export interface ResponseAnswer {
  readonly members: object
  readonly documents: number
}

export interface FinishedResponse extends ResponseAnswer {
  readonly kind: string
  document(position: number): AsyncIterable<Uint8Array>
}

export interface ResponseWork {
  readonly responseDigest: string
  /** The same whenever it is worked on: for the SAM. */
  readonly requestId: string
  readonly clientId: string
  readonly request: ResponseRequest
  /** Writes a document of the request to a path. */
  restore(position: number, path: string): Promise<void>
  /** Keeps documents of the answer. */
  keep(paths: readonly string[]): Promise<void>
}

/** Does it, with everything that it takes. @throws Refusal, DocumentRefused */
export type ResponseWorker = (work: ResponseWork) => Promise<ResponseAnswer>

export interface Responses {
  /** Durable when it returns. @returns the `responseID` */
  accept(request: AcceptedRequest): Promise<string>
  /** Undefined while it is worked on. @throws Refusal response-unknown, and what it was refused with */
  find(
    responseId: string,
    asker: { readonly clientId: string; readonly signers: readonly string[] },
  ): Promise<FinishedResponse | undefined>
  /** Takes up what waits, and goes on until it is closed. */
  start(): void
  close(): Promise<void>
}

export interface ResponseParts {
  readonly responses: ResponseRepository
  readonly files: ResponseFiles
  readonly sealer: Sealer
  readonly clock: Clock
  /** By the kind of request. */
  readonly workers: Readonly<Record<string, ResponseWorker>>
  /** Tells the client that it has ended; what comes back is of no interest. */
  readonly notify: (uri: string, body: Uint8Array) => Promise<void>
  readonly onFault: (error: unknown) => void
}

interface StoredRequest {
  readonly request: ResponseRequest
  readonly responseId: string
  readonly responseUri: string | undefined
}

type StoredAnswer = (ResponseAnswer & { readonly run: string }) | StoredRefusal

interface StoredRefusal {
  readonly refusal: string
  readonly detail: string
  readonly ofDocument: boolean
}

const INPUT = 'in'
/** One client never takes all of the work, nor all of the telling: who answers slowly keeps nobody else waiting. */
const WORK_AT_ONCE = 4
const TOLD_AT_ONCE = 16
const OF_CLIENT_AT_ONCE = 2
/** Of one client that wait, and that are kept whatever became of them; without an end they would take the disk. */
const MAX_ACCEPTED = 200
const MAX_KEPT = 1000
/** How often what waits is looked for, and how long somebody who is at work on it is believed to be. */
const LOOK_MILLISECONDS = 1000
const CLAIM_MILLISECONDS = 4 * LOOK_MILLISECONDS
/** The pause after an outage grows with the age of the request, up to this: ten tries in about two minutes, then one in each. */
const MAX_PAUSE_MILLISECONDS = 60_000
/** When a client that could not be told is told again. */
const TELL_AGAIN_MILLISECONDS = [1000, 5000]

export function createResponses(parts: ResponseParts): Responses {
  const { responses, files, sealer, clock } = parts
  const queue = new ResponseQueue(parts)
  return {
    async accept({ clientId, signerId, request, paths, validitySeconds, responseUri }) {
      const accepted_at = clock().getTime()
      const { accepted, kept } = await responses.count(clientId, epochSeconds(clock()))
      if (accepted >= MAX_ACCEPTED || kept >= MAX_KEPT) throw busy()
      const responseId = createBearer()
      const response_digest = bearerDigest(responseId)
      const expires_at = epochSeconds(clock()) + validitySeconds
      const stored: StoredRequest = { request, responseId, responseUri }
      await files.store({ response_digest, expires_at }, INPUT, paths)
      await responses.add({
        response_digest,
        client_id: clientId,
        signer_id: signerId,
        sealed_request: sealer.seal(JSON.stringify(stored), response_digest),
        state: 'accepted',
        sealed_answer: null,
        is_untold: responseUri === undefined ? 0 : 1,
        claimed_until: 0,
        accepted_at,
        expires_at,
      })
      queue.look()
      return responseId
    },
    async find(responseId, { clientId, signers }) {
      const record = await responses.find(bearerDigest(responseId))
      const isTheirs = record?.client_id === clientId && signers.includes(record.signer_id)
      if (record === undefined || !isTheirs || record.expires_at <= epochSeconds(clock())) throw unknown()
      return record.sealed_answer === null ? undefined : finished(parts, record, record.sealed_answer)
    },
    start: () => queue.start(),
    close: () => queue.close(),
  }
}

const busy = () => new Refusal<ServerRefusal>('documents-busy')
const unknown = () => new Refusal<ServerRefusal>('response-unknown')

function finished(
  { sealer, files }: ResponseParts,
  record: ResponseRecord,
  sealed: Uint8Array,
): FinishedResponse {
  const { response_digest: digest } = record
  const { request } = storedRequest(sealer, record)
  const answer = JSON.parse(sealer.open(sealed, answerContext(digest))) as StoredAnswer
  if ('refusal' in answer) throw refusalOf(answer)
  return { ...answer, kind: request.kind, document: position => files.read(digest, answer.run, position) }
}

const answerContext = (digest: string): string => `answer ${digest}`

// Written by `accept` alone.
const storedRequest = (sealer: Sealer, { sealed_request, response_digest }: ResponseRecord): StoredRequest =>
  JSON.parse(sealer.open(sealed_request, response_digest)) as StoredRequest

/** What polling and telling still need. */
const withoutContent = ({ request: { kind }, ...stored }: StoredRequest): StoredRequest => ({
  ...stored,
  request: { kind },
})

function refusalOf({ refusal, detail, ofDocument }: StoredRefusal): Error {
  if (refusal === FAULT) return new Error('an asynchronous request ended with a fault')
  return ofDocument ? new DocumentRefused(refusal as DocumentRefusalCode, detail) : new Refusal(refusal)
}

const FAULT = 'fault'

/** What is there again after a while: the work is taken up again, as long as its client may ask for it. */
const OUTAGES: readonly string[] = [
  'store-unavailable',
  'peer-unavailable',
  'module-unavailable',
  'log-unavailable',
  'time-untrusted',
  'documents-busy',
  'authorities-unavailable',
]

const isRefusal = (error: unknown): error is Refusal | DocumentRefused =>
  error instanceof Refusal || error instanceof DocumentRefused

class ResponseQueue {
  readonly #parts: ResponseParts
  readonly #working = new ClientSlots(WORK_AT_ONCE, OF_CLIENT_AT_ONCE)
  readonly #telling = new ClientSlots(TOLD_AT_ONCE, OF_CLIENT_AT_ONCE)
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #isClosed = false

  constructor(parts: ResponseParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MILLISECONDS)
    this.#timer.unref()
    this.look()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    // In this order: what is worked on begins to be told before it is out of the first.
    await this.#working.ended()
    await this.#telling.ended()
  }

  look(): void {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    this.#takeUp()
      .catch(error => this.#parts.onFault(error))
      .finally(() => {
        this.#isLooking = false
      })
  }

  async #takeUp(): Promise<void> {
    while (!this.#working.isFull && !this.#isClosed) {
      const now = this.#parts.clock().getTime()
      const full = this.#working.fullClients()
      const claimed = await this.#parts.responses.claim(now, now + CLAIM_MILLISECONDS, full)
      if (claimed === undefined) return
      if (claimed.state === 'accepted') this.#beginWork(claimed)
      else await this.#beginTelling(claimed)
    }
  }

  #beginWork(record: ResponseRecord): void {
    this.#working.run(record.client_id, async () => {
      const hasEnded = await this.#holding(record, () => this.#work(record))
      if (hasEnded === true) await this.#beginTelling(record).catch(this.#parts.onFault)
      // After this one is out of its slot.
      setImmediate(() => this.look())
    })
  }

  /** Nobody waits for it; what is beyond the limit is not told. */
  async #beginTelling(record: ResponseRecord): Promise<void> {
    if (record.is_untold === 0) return
    if (this.#telling.isFullFor(record.client_id)) {
      await this.#parts.responses.markTold(record.response_digest)
    } else {
      this.#telling.run(record.client_id, () => this.#holding(record, () => this.#tell(record)))
    }
  }

  /** Undefined after a fault. */
  async #holding<T>(record: ResponseRecord, work: () => Promise<T>): Promise<T | undefined> {
    const { responses, clock, onFault } = this.#parts
    const renewed = setInterval(() => {
      responses.renew(record.response_digest, clock().getTime() + CLAIM_MILLISECONDS).catch(onFault)
    }, LOOK_MILLISECONDS)
    renewed.unref()
    try {
      return await work()
    } catch (error) {
      onFault(error)
      return undefined
    } finally {
      clearInterval(renewed)
    }
  }

  /** @returns whether it has ended */
  async #work(record: ResponseRecord): Promise<boolean> {
    const run = randomUUID()
    try {
      const answer = await this.#answer(record, run)
      await this.#settle(record, 'finished', { ...answer, run })
    } catch (error) {
      if (isRefusal(error) && OUTAGES.includes(error.code)) {
        await this.#postpone(record)
        return false
      }
      if (!isRefusal(error)) this.#parts.onFault(error)
      await this.#settle(record, 'refused', refusedWith(error))
    }
    return true
  }

  async #postpone({ response_digest: digest, accepted_at }: ResponseRecord): Promise<void> {
    const now = this.#parts.clock().getTime()
    const grown = Math.max(CLAIM_MILLISECONDS, Math.floor((now - accepted_at) / 2))
    await this.#parts.responses.renew(digest, now + Math.min(grown, MAX_PAUSE_MILLISECONDS))
  }

  async #answer(record: ResponseRecord, run: string): Promise<ResponseAnswer> {
    const { files, sealer, workers } = this.#parts
    const { response_digest: responseDigest, client_id: clientId } = record
    const { request } = storedRequest(sealer, record)
    const worker = workers[request.kind]
    if (worker === undefined) throw new TypeError(`nobody answers ${request.kind}`)
    return worker({
      responseDigest,
      requestId: `async-${responseDigest}`,
      clientId,
      request,
      restore: (position, path) => files.restore(responseDigest, INPUT, position, path),
      keep: paths => files.store(record, run, paths),
    })
  }

  async #settle(record: ResponseRecord, state: 'finished' | 'refused', answer: StoredAnswer): Promise<void> {
    const { responses, sealer } = this.#parts
    const { response_digest: digest } = record
    await responses.settle(digest, state, {
      sealed_request: sealer.seal(JSON.stringify(withoutContent(storedRequest(sealer, record))), digest),
      sealed_answer: sealer.seal(JSON.stringify(answer), answerContext(digest)),
    })
    await responses.removePieces(digest, INPUT)
  }

  /** As often as it is told, nothing depends on it: a client that was not told asks. */
  async #tell(record: ResponseRecord): Promise<void> {
    const { responses, sealer, notify } = this.#parts
    const { responseUri, responseId } = storedRequest(sealer, record)
    const body = utf8(JSON.stringify({ responseID: responseId }))
    for (const pause of [0, ...TELL_AGAIN_MILLISECONDS]) {
      if (pause > 0) await setTimeout(pause)
      if (this.#isClosed || responseUri === undefined) return
      const isTold = await notify(responseUri, body).then(
        () => true,
        () => false,
      )
      if (isTold) break
    }
    await responses.markTold(record.response_digest)
  }
}

function refusedWith(error: unknown): StoredAnswer {
  if (!isRefusal(error)) return { refusal: FAULT, detail: '', ofDocument: false }
  const ofDocument = error instanceof DocumentRefused
  return { refusal: error.code, detail: ofDocument ? error.detail : '', ofDocument }
}
