/**
 * What the account page asks: who is logged in, what waits for him, which passkeys approve for him and where to change
 * them, and with which passwords software of his logs in.
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

/** What an application asks for, and where it is approved. */
export interface WaitingApproval {
  readonly client: string
  readonly credential: string
  readonly labels: readonly string[]
  readonly expiresAt: Date
  /** Of the approval page. */
  readonly address: string
}

export interface ListedPassword {
  readonly id: string
  readonly label: string
  readonly madeAt: Date
}

/** What software of the signer logs in with. */
export interface Passwords {
  /** By what name it does. */
  readonly user: string
  readonly listed: readonly ListedPassword[]
}

export interface Account {
  readonly waiting: readonly WaitingApproval[]
  readonly passkeys: readonly ListedPasskey[]
  readonly notices: readonly Notice[]
  /** Undefined where nobody logs in like that. */
  readonly passwords: Passwords | undefined
}

const KEY = 'natsuin-account'

export const rememberedToken = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined

/** @throws PageRefusal */
export async function logIn(): Promise<string> {
  const token = String((await post('/account/log-in', await shownPasskey()))['token'])
  sessionStorage.setItem(KEY, token)
  return token
}

/** The log-in passkey. */
async function shownPasskey() {
  const { logInId, options } = await post('/account/log-in/options', {})
  return { logInId, assertion: await assertPasskey(options) }
}

export async function logOut(token: string): Promise<void> {
  sessionStorage.removeItem(KEY)
  await post('/account/log-out', {}, token)
}

/** @throws PageRefusal */
export async function readAccount(token: string): Promise<Account> {
  const [{ authenticators, notices }, waiting, passwords] = await Promise.all([
    post('/account/authenticators', {}, token),
    readWaiting(token),
    readPasswords(token),
  ])
  const passkeys = recordsIn(authenticators).map(listedPasskey)
  return { waiting, passkeys, notices: recordsIn(notices).map(notice), passwords }
}

/** @throws PageRefusal */
export async function readWaiting(token: string): Promise<readonly WaitingApproval[]> {
  return recordsIn((await post('/account/approvals', {}, token))['approvals']).map(waitingApproval)
}

async function readPasswords(token: string): Promise<Passwords | undefined> {
  const { offered, user, passwords } = await post('/account/passwords', {}, token)
  return offered === true
    ? { user: String(user), listed: recordsIn(passwords).map(listedPassword) }
    : undefined
}

/** The password, which nobody can read again; takes the log-in passkey once more. @throws PageRefusal */
export async function makePassword(token: string, label: string): Promise<string> {
  const made = await post('/account/passwords/make', { label, ...(await shownPasskey()) }, token)
  return String(made['password'])
}

/** @throws PageRefusal */
export async function removePassword(token: string, passwordId: string): Promise<void> {
  await post('/account/passwords/remove', { passwordId }, token)
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

function waitingApproval({ client, credential, labels, expiresAt, address }: Members): WaitingApproval {
  return {
    client: String(client),
    credential: String(credential),
    labels: Array.isArray(labels) ? labels.map(String) : [],
    expiresAt: instant(expiresAt),
    address: String(address),
  }
}

const listedPassword = ({ id, label, createdAt }: Members): ListedPassword => ({
  id: String(id),
  label: String(label),
  madeAt: instant(createdAt),
})

const notice = ({ kind, at }: Members): Notice => ({ kind: String(kind), at: instant(at) })
