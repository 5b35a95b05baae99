/**
 * Asks one witness for a cosignature: C2SP tlog-witness, `add-checkpoint`.
 *
 * The witness tells how far it has come when the log is mistaken about it (409), and is given the proof from there. What
 * it will not cosign is either another history than the one that it knows (422), or a shorter one.
 */
import { nodePlatform } from '@natsuin/pki/node'
import {
  type Cosignature,
  findCosignature,
  peekCheckpoint,
  type WitnessKey,
  writeAddCheckpoint,
} from '@natsuin/protocol/log'

export interface Witness {
  readonly key: WitnessKey
  /** The submission prefix. */
  readonly url: string
}

/** Hashes that prove that the log's first `size` leaves are the beginning of the checkpoint's tree. */
export type ProveFrom = (size: number) => Promise<readonly Uint8Array[]>

export type WitnessAnswer =
  /** Signature lines to put under the checkpoint. */
  | { readonly outcome: 'cosigned'; readonly lines: string; readonly cosignature: Cosignature }
  /** It has cosigned a longer tree of this log. */
  | { readonly outcome: 'knows-more'; readonly size: number }
  /** It has cosigned another tree of this log. */
  | { readonly outcome: 'knows-other' }
  | { readonly outcome: 'unavailable'; readonly reason: unknown }

const ANSWER_MILLISECONDS = 5000
/** How often it may turn out that somebody else has brought the witness further meanwhile. */
const MAX_ATTEMPTS = 3

export class WitnessClient {
  readonly #witness: Witness
  /** Size of the newest tree that it cosigned, as far as is known here, by origin. */
  readonly #sizes = new Map<string, number>()

  constructor(witness: Witness) {
    this.#witness = witness
  }

  get name(): string {
    return this.#witness.key.name
  }

  async cosign(checkpoint: string, proveFrom: ProveFrom): Promise<WitnessAnswer> {
    try {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const answer = await this.#ask(checkpoint, proveFrom)
        if (answer !== undefined) return answer
      }
      return { outcome: 'unavailable', reason: 'the size that it knows keeps changing' }
    } catch (reason) {
      return { outcome: 'unavailable', reason }
    }
  }

  /** Undefined when the witness said how far it has come, and is to be asked again. */
  async #ask(checkpoint: string, proveFrom: ProveFrom): Promise<WitnessAnswer | undefined> {
    const { origin, size } = peekCheckpoint(checkpoint)
    const oldSize = this.#sizes.get(origin) ?? 0
    const proof = oldSize === 0 ? [] : await proveFrom(oldSize)
    const { status, text } = await this.#post(writeAddCheckpoint({ oldSize, proof, checkpoint }))
    if (status === 200) return this.#accept(checkpoint, text)
    if (status === 422) return { outcome: 'knows-other' }
    if (status !== 409) return { outcome: 'unavailable', reason: `it answered ${status}` }
    const known = sizeIn(text)
    if (known > size) return { outcome: 'knows-more', size: known }
    this.#sizes.set(origin, known)
    return undefined
  }

  async #accept(checkpoint: string, body: string): Promise<WitnessAnswer> {
    const { key } = this.#witness
    const lines = body
      .split(/(?<=\n)/)
      .filter(line => line.startsWith(`— ${key.name} `))
      .join('')
    const cosignature =
      lines === '' ? undefined : await findCosignature(checkpoint + lines, key, nodePlatform)
    if (cosignature === undefined)
      return { outcome: 'unavailable', reason: 'its cosignature does not verify' }
    const { origin, size } = peekCheckpoint(checkpoint)
    this.#sizes.set(origin, size)
    return { outcome: 'cosigned', lines, cosignature }
  }

  async #post(body: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`${this.#witness.url}/add-checkpoint`, {
      method: 'POST',
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
    })
    return { status: response.status, text: await readBounded(response) }
  }
}

/** A tree size in decimal and a line feed. @throws Error */
function sizeIn(body: string): number {
  const [, size] = /^(0|[1-9]\d{0,14})\n$/.exec(body) ?? []
  if (size === undefined) throw new Error('the witness does not say which size it knows')
  return Number(size)
}

const MAX_ANSWER_BYTES = 65_536

/** @throws Error when it is longer than any answer of a witness */
async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new Error('the witness answers too much')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
