/**
 * What the account page asks: who is logged in, which passkeys approve for him, and where to change them.
 *
 * The token lives in this window for minutes, so that the way over the approval page and back asks for no second log-in.
 * It changes nothing: that takes one of the signer's passkeys, on the approval page (sole-control 6).
 */
import { post } from '../ask.ts'
import { PageRefusal } from '../failure.ts'
import { assertPasskey } from '../passkey.ts'

export interface ListedPasskey {
  readonly id: string
  /** Absent for the one that was registered at enrolment. */
  readonly label: string | undefined
  readonly registeredAt: Date
  readonly suspended: boolean
}

export interface Notice {
  readonly kind: string
  readonly at: Date
}

export interface Account {
  readonly passkeys: readonly ListedPasskey[]
  readonly notices: readonly Notice[]
}

const KEY = 'natsuin-account'

export const rememberedToken = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined

/** @throws PageRefusal */
export async function logIn(): Promise<string> {
  const { logInId, options } = await post('/account/log-in/options', {})
  const assertion = await assertPasskey(options)
  const token = String((await post('/account/log-in', { logInId, assertion }))['token'])
  sessionStorage.setItem(KEY, token)
  return token
}

export async function logOut(token: string): Promise<void> {
  sessionStorage.removeItem(KEY)
  await post('/account/log-out', {}, token)
}

/** @throws PageRefusal */
export async function readAccount(token: string): Promise<Account> {
  const { authenticators, notices } = await post('/account/authenticators', {}, token)
  return { passkeys: recordsIn(authenticators).map(listedPasskey), notices: recordsIn(notices).map(notice) }
}

/** The address of the approval page. @throws PageRefusal */
export async function beginAdding(token: string): Promise<string> {
  return String((await post('/account/authenticators/add', {}, token))['continue'])
}

/** The address of the approval page. @throws PageRefusal */
export async function beginRemoving(token: string, authenticatorId: string): Promise<string> {
  return String((await post('/account/authenticators/remove', { authenticatorId }, token))['continue'])
}

type Members = Readonly<Record<string, unknown>>

function recordsIn(value: unknown): readonly Members[] {
  if (!Array.isArray(value)) throw new PageRefusal('refused')
  return value.map(one => Object(one) as Members)
}

const instant = (seconds: unknown) => new Date(Number(seconds) * 1000)

function listedPasskey({ id, label, registeredAt, state }: Members): ListedPasskey {
  return {
    id: String(id),
    label: typeof label === 'string' ? label : undefined,
    registeredAt: instant(registeredAt),
    suspended: state === 'suspended',
  }
}

const notice = ({ kind, at }: Members): Notice => ({ kind: String(kind), at: instant(at) })
