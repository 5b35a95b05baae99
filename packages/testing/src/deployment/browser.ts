/**
 * A browser in software: a cookie jar that follows redirects, and tells where it ended up.
 *
 * It renders nothing. What a page would do there, `signer.ts` does.
 */

export interface Browser {
  /** Follows redirects until a page answers or a redirect leads to one of `stopAt`; returns that URL. */
  visit(url: string, stopAt: readonly string[]): Promise<string>
  /** POST of JSON with the cookies of that origin, as a page's script would. */
  post(
    url: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown>>
  get(url: string): Promise<Record<string, unknown>>
  /** Submits a form; returns where it leads. */
  submit(url: string, fields: Readonly<Record<string, string>>): Promise<string>
  /** The value of a cookie for that origin; empty when there is none. */
  cookieOf(url: string, name: string): string
}

/** The service refused what the page sent. */
export class PageRefused extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, description: string) {
    super(`${status} ${code}: ${description}`)
    this.status = status
    this.code = code
  }
}

const MAX_REDIRECTS = 20

/** @param origin what a page's script sends as its `Origin` */
export function openBrowser(origin?: string): Browser {
  const jar = new CookieJar()
  const request = async (url: string, init: RequestInit = {}) => {
    const headers = {
      ...(init.headers as Record<string, string>),
      ...jar.header(url),
      ...(origin && { origin }),
    }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    jar.store(url, response.headers.getSetCookie())
    return response
  }

  return {
    async visit(url, stopAt) {
      let at = url
      for (let hops = 0; hops < MAX_REDIRECTS; hops++) {
        const response = await request(at)
        await response.body?.cancel()
        const location = response.headers.get('location')
        if (location === null) return refuseError(response, at)
        at = new URL(location, at).href
        if (stopAt.some(prefix => at.startsWith(prefix))) return at
      }
      throw new Error(`more than ${MAX_REDIRECTS} redirects from ${url}`)
    },
    post: async (url, body, headers = {}) =>
      readAnswer(
        await request(url, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', ...headers },
        }),
      ),
    get: async url => readAnswer(await request(url)),
    async submit(url, fields) {
      const response = await request(url, { method: 'POST', body: new URLSearchParams(fields) })
      await response.body?.cancel()
      const location = response.headers.get('location')
      if (location === null) throw new PageRefused(response.status, 'page', `${url} leads nowhere`)
      return new URL(location, url).href
    },
    cookieOf: (url, name) => jar.valueOf(url, name),
  }
}

function refuseError(response: Response, at: string): string {
  if (!response.ok) throw new PageRefused(response.status, 'page', `${at} answered ${response.status}`)
  return at
}

async function readAnswer(response: Response): Promise<Record<string, unknown>> {
  const answer = (response.status === 204 ? {} : await response.json()) as Record<string, unknown>
  if (response.ok) return answer
  throw new PageRefused(response.status, String(answer['error']), String(answer['error_description'] ?? ''))
}

/** Cookies by host: ports share them, as in every browser (RFC 6265, 8.5). */
class CookieJar {
  readonly #cookies = new Map<string, Map<string, { value: string; path: string }>>()

  store(url: string, lines: readonly string[]): void {
    const host = new URL(url).hostname
    const cookies = this.#cookies.get(host) ?? new Map<string, { value: string; path: string }>()
    this.#cookies.set(host, cookies)
    for (const line of lines) this.#storeOne(cookies, line)
  }

  valueOf(url: string, name: string): string {
    return this.#cookies.get(new URL(url).hostname)?.get(name)?.value ?? ''
  }

  header(url: string): { cookie?: string } {
    const { hostname, pathname } = new URL(url)
    const fitting = [...(this.#cookies.get(hostname) ?? [])].filter(([, { path }]) => covers(path, pathname))
    return fitting.length === 0
      ? {}
      : { cookie: fitting.map(([name, { value }]) => `${name}=${value}`).join('; ') }
  }

  #storeOne(cookies: Map<string, { value: string; path: string }>, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map(part => part.trim())
    const name = pair.slice(0, pair.indexOf('='))
    const value = pair.slice(pair.indexOf('=') + 1)
    const attribute = (key: string) =>
      attributes.find(text => text.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1)
    const expires = attribute('expires')
    if (value === '' || (expires !== undefined && Date.parse(expires) < Date.now())) cookies.delete(name)
    else cookies.set(name, { value, path: attribute('path') ?? '/' })
  }
}

/** RFC 6265, 5.1.4. */
function covers(cookiePath: string, path: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
}
