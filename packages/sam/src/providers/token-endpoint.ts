/**
 * The one thing that the SAM asks of the world: an identity provider, what a code stands for (OpenID Connect Core 1.0,
 * 3.1.3). Authenticated with the SAM's own key (private_key_jwt, 9), so that the code is of no use to whoever carries
 * it here.
 *
 * It goes to the sealed address and nowhere else: no redirect, no discovery, no proxy; and it takes neither long nor
 * much.
 */
import { randomBytes } from 'node:crypto'
import { fromUtf8, toBase64url } from '@natsuin/pki/encoding'
import { type GivenCode, idTokenText } from '@natsuin/protocol/approval'
import type { IdentityProvider } from '@natsuin/protocol/genesis'
import { JsonRefused, parseUnambiguousJson, ShapeError } from '@natsuin/protocol/shape'
import type { SamKey } from '../keys/sam-key.ts'
import { refuse } from '../refuse.ts'
import type { SamTime } from '../time/sam-time.ts'

const ANSWER_MILLISECONDS = 10_000
const MAX_ANSWER_BYTES = 65_536
/** Asked for at once; whoever makes people wait at a provider must not fill the SAM with them. */
const MAX_QUESTIONS = 64
const ASSERTION_SECONDS = 60

export class TokenEndpoints {
  readonly #key: SamKey
  readonly #time: Pick<SamTime, 'seconds'>
  #questions = 0

  constructor(key: SamKey, time: Pick<SamTime, 'seconds'>) {
    this.#key = key
    this.#time = time
  }

  /**
   * The ID token, as it came: nobody has looked at it.
   * @throws Refusal `provider-unavailable`, `code-refused`
   */
  async redeem(provider: IdentityProvider, code: GivenCode, redirectUri: string): Promise<string> {
    if (this.#questions >= MAX_QUESTIONS) throw refuse('provider-unavailable', { reason: 'busy' })
    this.#questions += 1
    try {
      return await this.#ask(provider, code, redirectUri)
    } finally {
      this.#questions -= 1
    }
  }

  async #ask(provider: IdentityProvider, { code, codeVerifier }: GivenCode, redirectUri: string) {
    const answer = await post(provider.tokenEndpoint, {
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: redirectUri,
      client_id: provider.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await this.#assertion(provider),
    })
    if (answer.status >= 500) throw refuse('provider-unavailable', { status: answer.status })
    if (answer.status !== 200) throw refuse('code-refused', { status: answer.status })
    return idTokenIn(answer.body)
  }

  /** RFC 7523, 3. Its type keeps it apart from everything else that the SAM key signs. */
  #assertion({ clientId, issuer }: IdentityProvider): Promise<string> {
    const iat = this.#time.seconds()
    const jti = toBase64url(randomBytes(16))
    const claims = { iss: clientId, sub: clientId, aud: issuer, iat, exp: iat + ASSERTION_SECONDS, jti }
    return this.#key.sign('client-authentication+jwt', claims)
  }
}

interface Answer {
  readonly status: number
  readonly body: Uint8Array
}

/** @throws Refusal `provider-unavailable` */
async function post(url: string, parameters: Readonly<Record<string, string>>): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(parameters),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
    })
    return { status: response.status, body: await readAtMost(MAX_ANSWER_BYTES, response) }
  } catch (cause) {
    throw refuse('provider-unavailable', { reason: cause instanceof Error ? cause.name : 'fault' })
  }
}

async function readAtMost(maxBytes: number, { body }: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body ?? []) {
    size += part.length
    // Leaving the loop cancels the rest.
    if (size > maxBytes) throw new RangeError('more than an answer')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** @throws Refusal `id-token-invalid` */
function idTokenIn(body: Uint8Array): string {
  try {
    const answer = parseUnambiguousJson(fromUtf8(body) ?? '')
    return idTokenText((answer as { readonly id_token?: unknown } | null)?.id_token, 'id_token')
  } catch (error) {
    if (error instanceof JsonRefused || error instanceof ShapeError) throw refuse('id-token-invalid')
    throw error
  }
}
