/** What every call that signs has in common: by which authorisation, and that it never signs twice. */
import { Unanswered } from '../csc-error.ts'
import type { Answer, BodyReader } from '../http/attempt.ts'
import type { Sad, Token } from '../token.ts'
import { sadText } from './authorize.ts'
import type { Body, CscService, MethodOptions } from './service.ts'

/**
 * By what it is allowed: a token of scope `credential` alone (v2), or a service token with a SAD or a `credential` token
 * beside it, which every service understands. `service` is `undefined` where services know us by other means (TLS).
 */
export type SigningAuthorisation = Token | { readonly service: Token | undefined; readonly sad: Sad | Token }

export interface SigningOptions extends MethodOptions {
  /**
   * Names this one act: two calls with one key are one signing, for services that keep what they answered. Made for each
   * call unless you give one, which a program does that wants to ask again after it was restarted.
   */
  readonly idempotencyKey?: string
}

/** How the result is wanted later, instead of in the answer. */
export interface Later {
  /** How long the service is to keep it. */
  readonly validityPeriodMs?: number
  /** Told by the service when it is done. */
  readonly responseUri?: string
}

export function laterMembers(later: Later | undefined): Body {
  if (later === undefined) return {}
  return { operationMode: 'A', validity_period: later.validityPeriodMs, response_uri: later.responseUri }
}

export interface SigningCall {
  readonly method: string
  readonly body: Body
  readonly encode?: (body: Body) => Promise<BodyInit>
  readonly read?: BodyReader
  readonly timeoutMs?: number
}

/**
 * A lost answer is asked for again by itself only where the service says that it keeps its answers, under a key that both
 * calls carry. Elsewhere the second call might sign again.
 *
 * @throws TypeError when v1 is given a token alone; Unanswered with the key of the call
 */
export async function signingCall(
  service: CscService,
  authorisation: SigningAuthorisation,
  { method, body, timeoutMs, ...coding }: SigningCall,
  { idempotencyKey, ...options }: SigningOptions,
): Promise<Answer> {
  const { token, SAD } = carried(authorisation)
  if (SAD === undefined && (await service.edition(options)) === 'v1') {
    throw new TypeError('v1 needs a service token, and the SAD beside it')
  }
  // What is wanted later is accepted anew each time: only answers at once are kept.
  const keeps = body['operationMode'] !== 'A' && (await service.told(options)).keepsAnswers
  const key = idempotencyKey ?? (keeps ? crypto.randomUUID() : undefined)
  const call = {
    token,
    repeatable: keeps ? 'freely' : 'never',
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
    ...coding,
  } as const
  const patient = { ...(timeoutMs !== undefined && { timeoutMs }), ...options }
  try {
    return await service.call(method, { ...body, SAD }, call, patient)
  } catch (error) {
    if (!(error instanceof Unanswered) || key === undefined) throw error
    throw new Unanswered(error.code, { cause: error.cause, idempotencyKey: key })
  }
}

function carried(authorisation: SigningAuthorisation): {
  readonly token: Token | undefined
  readonly SAD: string | undefined
} {
  if ('accessToken' in authorisation) return { token: authorisation, SAD: undefined }
  return { token: authorisation.service, SAD: sadText(authorisation.sad) }
}
