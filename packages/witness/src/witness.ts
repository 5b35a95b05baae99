/**
 * What a witness does: C2SP tlog-witness, `add-checkpoint`.
 *
 * It cosigns a head when the log signed it and it is proved to extend the newest head that it has cosigned; it remembers
 * the new one on disk before it answers. Of one log it judges one request at a time, so that two of them never start
 * from the same head.
 */
import { equal } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import {
  type AddCheckpoint,
  isConsistent,
  peekCheckpoint,
  readAddCheckpoint,
  type TreeHead,
  verifyCheckpoint,
} from '@natsuin/protocol/log'
import type { Log } from '@natsuin/protocol/node'
import { ShapeError } from '@natsuin/protocol/shape'
import type { Cosigner } from './cosigner.ts'
import { type NewestCheckpoints, originHash } from './newest.ts'

/** DER SubjectPublicKeyInfo of the key of each log, by its origin. */
export type KnownLogs = ReadonlyMap<string, Uint8Array>

/** HTTP's words, which are the protocol's. */
export interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly type: string
  readonly body: string
}

export interface WitnessOptions {
  readonly logs: KnownLogs
  readonly cosigner: Cosigner
  readonly newest: Pick<NewestCheckpoints, 'read' | 'write'>
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number
  readonly log: Log
}

export class Witness {
  readonly #options: WitnessOptions
  /** The request that is being judged of each log. */
  readonly #busy = new Map<string, Promise<unknown>>()

  constructor(options: WitnessOptions) {
    this.#options = options
  }

  async addCheckpoint(body: string): Promise<Answer> {
    const request = read(body)
    if (request === undefined) return answer(400, 'the request is malformed\n')
    const { origin } = peekCheckpoint(request.checkpoint)
    const key = this.#options.logs.get(origin)
    if (key === undefined) return answer(404, 'the log is unknown\n')
    const head = await verifyCheckpoint(request.checkpoint, key, nodePlatform)
    if (head === undefined) return answer(403, 'the log did not sign this\n')
    if (request.oldSize > head.size) return answer(400, 'the old size is the larger one\n')
    return this.#inTurn(origin, () => this.#judge(request, head))
  }

  /** The newest cosigned checkpoint of a log, for whoever monitors it. @param hash of its origin */
  async newest(hash: string): Promise<string | undefined> {
    const isKnown = [...this.#options.logs.keys()].some(origin => originHash(origin) === hash)
    return isKnown ? this.#options.newest.read(hash) : undefined
  }

  async #judge(request: AddCheckpoint, head: TreeHead): Promise<Answer> {
    const { newest, log } = this.#options
    const hash = originHash(head.origin)
    const stored = await newest.read(hash)
    const known = stored === undefined ? nothing(head.origin) : peekCheckpoint(stored)
    if (request.oldSize !== known.size) return answer(409, `${known.size}\n`, 'text/x.tlog.size')
    const extendsIt =
      (head.size > 0 || equal(head.rootHash, EMPTY_ROOT)) &&
      (await isConsistent(known, head, request.proof, nodePlatform))
    if (!extendsIt) {
      // Two heads that the log signed and that do not fit together prove that it misbehaved.
      log('warn', 'inconsistent', { cosigned: stored, offered: request.checkpoint })
      return answer(422, 'the tree is not proved to extend the one that was cosigned\n')
    }
    return this.#cosign(hash, request.checkpoint)
  }

  async #cosign(hash: string, checkpoint: string): Promise<Answer> {
    const { cosigner, newest, now } = this.#options
    const line = await cosigner.cosign(checkpoint, now())
    await newest.write(hash, checkpoint + line)
    return answer(200, line)
  }

  async #inTurn<T>(origin: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(origin) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#busy.set(origin, turn)
    return turn
  }
}

function read(body: string): AddCheckpoint | undefined {
  try {
    const request = readAddCheckpoint(body)
    peekCheckpoint(request.checkpoint)
    return request
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw error
  }
}

const answer = (status: Answer['status'], body: string, type = 'text/plain; charset=utf-8'): Answer => ({
  status,
  type,
  body,
})

/** MTH of nothing: RFC 9162, 2.1.1. */
const EMPTY_ROOT = digestSync('sha256', new Uint8Array())

const nothing = (origin: string): TreeHead => ({ origin, size: 0, rootHash: EMPTY_ROOT })
