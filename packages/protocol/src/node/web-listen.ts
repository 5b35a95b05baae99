/**
 * Where a process is reached by browsers and by everybody: TLS by certificate files, or plain HTTP for a proxy that
 * ends TLS.
 *
 * Plain HTTP is for a proxy at an address that is named, or for a public address on localhost; anything else is a
 * problem of the configuration, so that nobody serves in clear by forgetting a line (T-SEC-08).
 */
import { isIP } from 'node:net'
import { integer, list, optional, record, type Shape, type Shaped, ShapeError, text } from '../shape/shape.ts'
import { path, type ResolvePath } from './configuration.ts'
import { type FileProblems, problemsOfFile, problemsOfSecret } from './named-files.ts'

/** An address as it is dialled: no name, no range. */
const address: Shape<string> = (value, at = '') => {
  if (typeof value === 'string' && isIP(value) !== 0) return value
  throw new ShapeError(at, 'an IP address')
}

export const webListenSetting = record({
  host: text({ max: 253 }),
  port: integer({ min: 0, max: 65_535 }),
  tls: optional(record({ certificateFile: path, keyFile: path })),
  proxies: optional(list(address, { min: 1, max: 100 })),
})

export type WebListen = Shaped<typeof webListenSetting>

export const WEB_LISTEN_DOCUMENTATION =
  'Address and TCP port to listen on; port 0 takes a free one. Then either `tls`, a certificate chain and its key (PEM), read again within a minute when they were renewed; or `proxies`, the exact addresses of the proxies that end TLS, the only ones that may connect. Neither is needed where the public address is on localhost.'

export const WEB_LISTEN_EXAMPLE: WebListen = {
  host: '0.0.0.0',
  port: 443,
  tls: { certificateFile: 'tls.pem', keyFile: 'tls-key.pem' },
}

export function resolveWebListen(listen: WebListen, at: ResolvePath): WebListen {
  if (listen.tls === undefined) return listen
  const { certificateFile, keyFile } = listen.tls
  return { ...listen, tls: { certificateFile: at(certificateFile), keyFile: at(keyFile) } }
}

/**
 * @param publicUrl where the others reach it; its scheme says whether TLS is meant
 * @param clear whether http is right: certificates, CRLs and OCSP answers are fetched in clear (RFC 5280, 8), and
 *   are signed
 */
export function problemsOfWebListen(
  setting: string,
  listen: WebListen,
  { publicUrl, clear }: { readonly publicUrl: string; readonly clear: 'refused' | 'allowed' },
): FileProblems {
  const { tls, proxies } = listen
  return [
    ...(tls !== undefined && proxies !== undefined
      ? [`${setting}: tls and proxies; TLS ends in one place`]
      : []),
    ...problemsOfScheme(setting, listen, new URL(publicUrl), clear),
    ...(tls === undefined ? [] : problemsOfFile(`${setting}.tls.certificateFile`, tls.certificateFile)),
    ...(tls === undefined ? [] : problemsOfSecret(`${setting}.tls.keyFile`, tls.keyFile)),
  ]
}

function problemsOfScheme(
  setting: string,
  { tls, proxies }: WebListen,
  { protocol, hostname }: URL,
  clear: 'refused' | 'allowed',
): FileProblems {
  const encrypted = tls !== undefined || proxies !== undefined
  if (protocol === 'https:')
    return encrypted ? [] : [`${setting}: https needs tls, or the proxies that end it`]
  if (tls !== undefined) return [`${setting}: tls for an address that begins with http`]
  return clear === 'allowed' || isLocalName(hostname)
    ? []
    : [`${setting}: an address in clear, ${protocol}//${hostname}`]
}

/** Names that lead to this machine alone. */
export function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[::1\]$/.test(hostname)
}
