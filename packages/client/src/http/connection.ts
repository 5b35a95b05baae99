/** The way to a service: by deadline, again where that is harmless, with proofs where tokens are bound to a key. */
import type { DpopProver } from '../oauth/dpop.ts'
import type { Token } from '../token.ts'
import { type Answer, attempt, type BodyReader, type Fetch, type Outgoing } from './attempt.ts'
import { type Repeatable, type RetryPolicy, repeating } from './repeat.ts'

/** What every call takes. */
export interface CallOptions {
  /** Ends the call; it throws the signal's own reason then. */
  readonly signal?: AbortSignal
  /** For each attempt; else the client's, or what the method usually takes. */
  readonly timeoutMs?: number
}

export interface Request {
  readonly repeatable: Repeatable
  /** Made anew for each attempt: assertions are good for one, and a stream can be read once. */
  readonly prepare: () => Promise<Outgoing>
  /** Goes into the header. */
  readonly token?: Token | undefined
  /** At the OAuth endpoints, where tokens are bound that the request does not carry yet. */
  readonly proves?: boolean
  readonly read?: BodyReader
}

export interface ConnectionParts {
  readonly fetch: Fetch
  readonly policy: RetryPolicy
  readonly timeoutMs: number
  readonly prover: DpopProver | undefined
}

export class Connection {
  readonly #parts: ConnectionParts

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  /** @throws CscError, Unanswered, the reason of the signal */
  send(request: Request, { signal, timeoutMs = this.#parts.timeoutMs }: CallOptions): Promise<Answer> {
    const { policy, prover } = this.#parts
    const { repeatable } = request
    const once = () => this.#attempt(request, { signal, timeoutMs })
    return repeating({ policy, repeatable, signal }, () => prover?.withNonce(once) ?? once())
  }

  async #attempt(
    { prepare, token, proves = false, read }: Request,
    deadline: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
  ): Promise<Answer> {
    const { fetch, prover } = this.#parts
    const outgoing = await prepare()
    const proof =
      proves || token?.type === 'DPoP' ? await prover?.proof(outgoing, token?.accessToken) : undefined
    const headers = {
      ...outgoing.headers,
      ...(token !== undefined && { authorization: `${schemeOf(token)} ${token.accessToken}` }),
      ...(proof !== undefined && { dpop: proof }),
    }
    const observe = (seen: Headers) => prover?.learn(outgoing.url, seen)
    return await attempt(fetch, { ...outgoing, headers }, deadline, { observe, ...(read && { read }) })
  }
}

/** A token that v1 calls `SAD` is a bearer token wherever a header carries it. */
function schemeOf({ type }: Token): string {
  return type === 'DPoP' ? 'DPoP' : 'Bearer'
}
