/** Which URLs may be asked at all, before any name is resolved. */
import { AdesRefusal } from '../refusal.ts'

export interface UrlRules {
  /** Ports beside 80 and 443. */
  readonly ports?: readonly number[]
  /** `host:port` of servers of one's own that may be asked wherever they are, as `new URL(…).host` spells them. */
  readonly ownHosts?: readonly string[]
}

/** @throws AdesRefusal `exchange-forbidden` */
export function allowedUrl(text: string, { ports = [], ownHosts = [] }: UrlRules): URL {
  const url = parsed(text)
  if (!SCHEMES.has(url.protocol)) throw forbidden('scheme')
  if (url.username !== '' || url.password !== '') throw forbidden('credentials')
  if (!ownHosts.includes(url.host) && !portsOf(ports).includes(url.port)) throw forbidden('port')
  return url
}

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:'])

/** The parser of the web drops line breaks silently; an address that has them was made to be misread. */
function parsed(text: string): URL {
  if (!/^[!-~]+$/.test(text) || !URL.canParse(text)) throw forbidden('not a URL')
  return new URL(text)
}

/** The empty port is the scheme's own. */
function portsOf(ports: readonly number[]): readonly string[] {
  return ['', '80', '443', ...ports.map(String)]
}

function forbidden(what: string): AdesRefusal {
  return new AdesRefusal('exchange-forbidden', what)
}
