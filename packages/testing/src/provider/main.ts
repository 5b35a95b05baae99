/**
 * A foreign identity provider: a process of its own with keys of its own, which knows nothing of Natsuin but a client
 * (OpenID Connect Core 1.0). It believes everybody's name; how well people log in they say themselves.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import { LOG_INS, type LogInMethod, type ProviderSettings } from './settings.ts'

const SESSION_SECONDS = 3600
/** Nobody types a name and a code in the second in which he is asked; programs that play people do. */
const TYPING_MILLISECONDS = 1000

function configuration({ jwks, clients }: ProviderSettings): Configuration {
  return {
    jwks,
    clients: [...clients],
    // Cookies know no ports: on this machine others of these names would be in the same jar.
    cookies: {
      keys: ['tests'],
      names: { session: 'idp_session', interaction: 'idp_interaction', resume: 'idp_resume' },
    },
    scopes: ['openid', 'email'],
    acrValues: Object.values(LOG_INS).map(({ acr }) => acr),
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], email: ['email'] },
    conformIdTokenClaims: false,
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: askToLogOut },
    },
    // Its own guard would keep it from a service on this machine.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, email: mailOf(id) }) }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
    interactions: { url: (_context, { uid }) => `/log-in/${uid}` },
    ttl: { Session: SESSION_SECONDS, Grant: SESSION_SECONDS, Interaction: 600, IdToken: 600 },
  }
}

/** The form as data: whoever asks here is a program. */
function askToLogOut(context: KoaContextWithOIDC, form: string): void {
  context.type = 'json'
  context.body = { xsrf: /name="xsrf" value="([^"]+)"/.exec(form)?.[1] }
}

/** Addresses are given to somebody else when their owner leaves: alice and alice-2 have the same one. */
const mailOf = (id: string) => `${id.split('-')[0]}@example.com`

const PAGE = `<!doctype html>
<html lang="en">
<title>Example ID</title>
<main>
  <h1>Example ID</h1>
  <form method="post">
    <p><label>Name <input name="name" autocomplete="off"></label></p>
    <p><label>How <select name="method">
      <option value="two-factor">password and code</option>
      <option value="password">password</option>
    </select></label></p>
    <p><button id="log-in">Log in</button> <button id="cancel" name="cancel" value="yes">Cancel</button></p>
  </form>
</main>
</html>`

async function answerLogIn(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    return response.end(PAGE)
  }
  const given = new URLSearchParams(await text(request))
  await delay(TYPING_MILLISECONDS)
  const next = await provider.interactionResult(request, response, resultOf(given))
  return response.writeHead(303, { location: next }).end()
}

function resultOf(given: URLSearchParams) {
  if (given.has('cancel')) return { error: 'access_denied' }
  const method: LogInMethod = given.get('method') === 'password' ? 'password' : 'two-factor'
  const { acr, amr } = LOG_INS[method]
  return { login: { accountId: given.get('name') ?? '', acr, amr: [...amr], remember: true } }
}

const settings = JSON.parse(await text(process.stdin)) as ProviderSettings // written by its starter alone
const provider = new Provider(settings.issuer, configuration(settings))
const answer = provider.callback()
const server = createServer((request, response) => {
  // Browsers ask for it by themselves, and complain when there is none.
  if (request.url === '/favicon.ico') {
    response.writeHead(204).end()
    return
  }
  const isLogIn = request.url?.startsWith('/log-in/') === true
  const answered = isLogIn ? answerLogIn(provider, request, response) : answer(request, response)
  answered.catch(error => {
    console.error(error)
    response.destroy()
  })
})
server.listen(settings.port, '127.0.0.1')
await once(server, 'listening')
console.log(JSON.stringify({ ready: true }))
