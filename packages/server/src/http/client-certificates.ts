/**
 * The certificate that a client showed when the connection was made (RFC 8705): of our own TLS, or in the header of the
 * proxy that ends TLS.
 *
 * Whether it is good enough is for who asks: a token may be bound to any certificate, also to one that its holder made
 * himself (RFC 8705, 3).
 */
import { hash, X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { ServerConfiguration } from '../config/load.ts'

/** Where it is looked for. A header counts only where the proxies alone may connect: see `config/load.ts`. */
export type ClientCertificateSource = ServerConfiguration['clientCertificates']

export interface ClientCertificate {
  readonly x509: X509Certificate
  /** SHA-256 of the DER, base64url: `x5t#S256`. */
  readonly thumbprint: string
  /** Whether TLS found that an authority that we trust issued it. A proxy finds this out itself. */
  readonly authorized: boolean
}

export type ClientCertificates = (request: IncomingMessage) => ClientCertificate | undefined

export function createClientCertificates(source: ClientCertificateSource): ClientCertificates {
  if ('header' in source) return request => certificateInHeader(request, source.header)
  return source.from === 'tls' ? certificateOfConnection : () => undefined
}

/** A connection keeps its certificate, and may carry thousands of requests. */
const known = new WeakMap<TLSSocket, ClientCertificate>()

function certificateOfConnection({ socket }: IncomingMessage): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const before = known.get(socket)
  if (before !== undefined) return before
  const x509 = socket.getPeerX509Certificate()
  if (x509 === undefined) return undefined
  const found = { x509, thumbprint: thumbprintOf(x509), authorized: socket.authorized }
  known.set(socket, found)
  return found
}

function certificateInHeader({ headers }: IncomingMessage, header: string): ClientCertificate | undefined {
  const written = headers[header]
  const x509 = typeof written === 'string' ? readCertificate(written) : undefined
  return x509 && { x509, thumbprint: thumbprintOf(x509), authorized: true }
}

/** What cannot be read is none: what it was to open stays closed. */
function readCertificate(written: string): X509Certificate | undefined {
  try {
    return new X509Certificate(bytesIn(written))
  } catch {
    return undefined
  }
}

/** RFC 9440, 2.1: DER in base64 between colons. Without them as HAProxy writes it; PEM, URL-encoded, as nginx does. */
function bytesIn(written: string): Buffer {
  if (written.includes('-----BEGIN')) return Buffer.from(decodeURIComponent(written))
  return Buffer.from(written.replace(/^:|:$/g, ''), 'base64')
}

const thumbprintOf = ({ raw }: X509Certificate) => hash('sha256', raw, 'base64url')
