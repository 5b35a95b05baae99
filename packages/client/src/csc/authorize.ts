/**
 * Authorising signatures without a browser of ours: `credentials/authorize`, `authorizeCheck`, `getChallenge`,
 * `extendTransaction` (CSC API v2.0.0.2, 11.6 to 11.9) and what v1.0.4.0, 11.6 to 11.8 has for the same.
 */
import { toBase64 } from '@natsuin/pki/encoding'
import type { Edition } from '@natsuin/protocol/csc'
import type { Answer } from '../http/attempt.ts'
import { pause } from '../http/repeat.ts'
import { retryAfterSecondsOf } from '../http/retry-after.ts'
import { membersOf, membersOr, optionalText, textOf } from '../json.ts'
import { type PendingApproval, readSad, type Sad, type Token } from '../token.ts'
import type { CscService, MethodOptions } from './service.ts'

/** What is going to be signed. */
export interface Hashes {
  /** Needed where `SCAL` is `2`. */
  readonly hashes?: readonly Uint8Array[]
  /** OID; needed together with hashes, and left out in v1. */
  readonly hashAlgorithmOID?: string
  /** What they are of, where it is not the DTBS/R: for `signDoc`. Not in v1. */
  readonly hashType?: 'dtbsr' | 'sdr' | 'sodr'
}

export interface AuthorizeRequest extends Hashes {
  readonly credentialID: string
  /** How many signatures there will be; else as many as there are hashes. */
  readonly numSignatures?: number
  /** Values for the objects of `credentialsInfo`; those whose value goes another way have none. In v1 `PIN` and `OTP`. */
  readonly authData?: readonly AuthenticationData[]
  /** Shown to the signer: at most 500 characters. */
  readonly description?: string
}

export interface AuthenticationData {
  readonly id: string
  readonly value?: string
}

/** v1 waits for the signer within the call. */
const BLOCKING_MS = 120_000

export async function credentialsAuthorize(
  service: CscService,
  token: Token | undefined,
  request: AuthorizeRequest,
  options: MethodOptions,
): Promise<Sad | PendingApproval> {
  const { credentialID, hashes, description } = request
  const edition = await service.edition(options)
  const body = {
    credentialID,
    numSignatures: request.numSignatures ?? hashes?.length ?? 1,
    ...hashesFor(edition, request),
    ...FACTORS[edition](request.authData ?? []),
    description,
  }
  // Not by itself again: a code may be good for one call, and a wrong one is counted.
  const call = { token, repeatable: 'when-refused' } as const
  const patient = { ...(edition === 'v1' && { timeoutMs: BLOCKING_MS }), ...options }
  return readAuthorised(await service.call('credentials/authorize', body, call, patient))
}

function hashesFor(edition: Edition, { hashes, hashAlgorithmOID, hashType }: Hashes): object {
  const encoded = hashes?.map(toBase64)
  return edition === 'v1' ? { hash: encoded } : { hashes: encoded, hashAlgorithmOID, hashType }
}

/** v1.0.4.0, 11.6 has a member for each of its two factors. */
const FACTORS: Readonly<Record<Edition, (authData: readonly AuthenticationData[]) => object>> = {
  v1: authData => {
    const unknown = authData.find(({ id }) => id !== 'PIN' && id !== 'OTP')
    if (unknown !== undefined) throw new TypeError(`v1 knows PIN and OTP, and no ${unknown.id}`)
    return Object.fromEntries(authData.map(({ id, value }) => [id, value]))
  },
  v2: authData => ({ authData }),
}

function readAuthorised({ status, headers, body }: Answer): Sad | PendingApproval {
  const { handle } = membersOf(body)
  if (status !== 202 && optionalText(handle) === undefined) return readSad(body)
  const retryAfterSeconds = retryAfterSecondsOf(headers)
  return { handle: textOf(handle, 'handle'), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

export async function credentialsAuthorizeCheck(
  service: CscService,
  token: Token | undefined,
  { handle }: PendingApproval,
  options: MethodOptions,
): Promise<Sad | PendingApproval> {
  return readAuthorised(await service.call('credentials/authorizeCheck', { handle }, { token }, options))
}

/** Between two questions, where the service does not say (CSC API v2.0.0.2, 11.7 has no interval). */
const POLL_SECONDS = 2

/** Asks until the signer has decided. The signal is what ends a wait that nobody ends. */
export async function approved(
  service: CscService,
  token: Token | undefined,
  answer: Sad | PendingApproval,
  options: MethodOptions,
): Promise<Sad> {
  let now = answer
  while (!('sad' in now)) {
    await pause((now.retryAfterSeconds ?? POLL_SECONDS) * 1000, options.signal)
    now = await credentialsAuthorizeCheck(service, token, now, options)
  }
  return now
}

export interface ChallengeRequest {
  readonly credentialID: string
  /** `id` of an object of `credentialsInfo`. In v1 the one-time password is meant, whatever it says. */
  readonly authObjectID: string
}

/** `undefined`: the challenge went to the signer by another way. Some services say so with 201, some with 204. */
export async function credentialsGetChallenge(
  service: CscService,
  token: Token | undefined,
  { credentialID, authObjectID }: ChallengeRequest,
  options: MethodOptions,
): Promise<string | undefined> {
  const isV1 = (await service.edition(options)) === 'v1'
  const [method, body] = isV1
    ? ['credentials/sendOTP', { credentialID }]
    : ['credentials/getChallenge', { credentialID, authObjectID }]
  // Each call may send a message to a telephone.
  const call = { token, repeatable: 'when-refused' } as const
  const { body: answer } = await service.call(
    String(method),
    body as object as Record<string, string>,
    call,
    options,
  )
  return optionalText(membersOr(answer)['challenge'])
}

/** Its hashes are what the next call will sign. */
export interface ExtendRequest extends Hashes {
  readonly credentialID: string
  /** Current, or a token of scope `credential` where the service takes one. */
  readonly sad: Sad | Token
}

export async function credentialsExtendTransaction(
  service: CscService,
  token: Token | undefined,
  request: ExtendRequest,
  options: MethodOptions,
): Promise<Sad> {
  const { credentialID, sad } = request
  const edition = await service.edition(options)
  const body = { credentialID, SAD: sadText(sad), ...hashesFor(edition, request) }
  // It takes the old SAD away.
  const call = { token, repeatable: 'when-refused' } as const
  return readSad((await service.call('credentials/extendTransaction', body, call, options)).body)
}

/** What goes into the member `SAD`. */
export function sadText(sad: Sad | Token): string {
  return 'sad' in sad ? sad.sad : sad.accessToken
}
