/** Questions of a page to the server that it came from. */
import { PageRefusal, type PageRefusalCode } from './failure.ts'

/** What the server's refusals mean on these pages. */
const REFUSALS = new Map<string, PageRefusalCode>([
  ['log-in-unknown', 'log-in-over'],
  ['log-in-foreign-browser', 'log-in-foreign-browser'],
  ['log-in-provider-closed', 'provider-closed'],
  ['log-in-provider-away', 'provider-away'],
  ['log-in-elsewhere-refused', 'provider-refused'],
  ['log-in-unlinked', 'provider-unlinked'],
  ['passkey-invalid', 'passkey-invalid'],
  ['user-not-verified', 'passkey-invalid'],
  ['account-token-invalid', 'account-token-invalid'],
  ['account-session-over', 'account-session-over'],
  ['signer-unknown', 'account-closed'],
  ['authenticator-unknown', 'authenticator-gone'],
])

/** POST of JSON. @param token of who is logged in @throws PageRefusal */
export async function post(
  path: string,
  body: unknown,
  token?: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await reach(path, body, token)
  const members: unknown = await answer.json().catch(() => undefined)
  const value = isRecord(members) ? members : {}
  if (answer.ok) return value
  throw refusalOf(value['error'])
}

/** What a code of the server means here. */
export function refusalOf(error: unknown): PageRefusal {
  return new PageRefusal(REFUSALS.get(String(error)) ?? 'refused', { error })
}

/** The address to go to next, which must be of this origin. @throws PageRefusal `continuation-foreign` */
export function continuationIn(answer: Readonly<Record<string, unknown>>, origin: string): string {
  const next = String(answer['continue'])
  if (!URL.canParse(next) || new URL(next).origin !== origin) throw new PageRefusal('continuation-foreign')
  return next
}

/** The address of somebody else's pages to go to next. @throws PageRefusal `continuation-foreign` */
export function elsewhereIn(answer: Readonly<Record<string, unknown>>): string {
  const next = String(answer['continue'])
  if (!/^https?:/.test(next) || !URL.canParse(next)) throw new PageRefusal('continuation-foreign')
  return next
}

async function reach(path: string, body: unknown, token: string | undefined): Promise<Response> {
  try {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const headers = { 'content-type': 'application/json', ...authorization }
    return await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error' })
  } catch (cause) {
    throw new PageRefusal('server-unreachable', {}, { cause })
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
