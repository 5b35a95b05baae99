/**
 * The HTTP server behind a `webListenSetting`: TLS with certificates that may be renewed while it runs, or plain
 * HTTP that takes connections of the named proxies alone.
 */
import { readFileSync, statSync } from 'node:fs'
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { BlockList, isIP, type Socket } from 'node:net'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { cutOffIdle, limitPerAddress } from './connection-limits.ts'
import { describeFault, type Log } from './log.ts'
import type { WebListen } from './web-listen.ts'

/**
 * RFC 9325, 4.2: forward secrecy and authenticated encryption alone; TLS 1.3 has nothing else. The FAPI profiles
 * allow no others.
 */
const TLS_POLICY = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
  ].join(':'),
  honorCipherOrder: true,
} as const satisfies SecureContextOptions

const RENEWAL_CHECK_MILLISECONDS = 30_000

/** threats.md, 4: a body that does not go on, and an answer that nobody reads. */
const IDLE_MILLISECONDS = 30_000
/** Of one address; a proxy has as many as it needs. */
const CONNECTIONS_PER_ADDRESS = 512

export interface WebServerOptions {
  readonly listen: WebListen
  /** Limits of Node's server. */
  readonly limits: ServerOptions
  readonly log: Log
  /**
   * Whether clients are asked for a certificate. Any will do, and none: what one is good for is decided by who reads it
   * (RFC 8705, 2.2 and 3). Browsers ask people to choose one.
   */
  readonly askForCertificates?: boolean
  /** How often the files are looked at. */
  readonly checkMilliseconds?: number
  /** After which a connection without a byte is cut off. */
  readonly idleMilliseconds?: number
  readonly connectionsPerAddress?: number
}

/** Not listening yet. @throws Error when certificate and key do not belong together */
export function webServer(options: WebServerOptions, listener: RequestListener): Server {
  const { listen, limits, askForCertificates = false } = options
  const asking = askForCertificates ? ANY_CLIENT : {}
  const server =
    listen.tls === undefined
      ? createServer(limits, listener)
      : createTlsServer({ ...limits, ...secureOptions(listen.tls), ...asking }, listener)
  if (listen.tls !== undefined) keepRenewed(server, listen.tls, options)
  cutOffIdle(server, options.idleMilliseconds ?? IDLE_MILLISECONDS)
  if (listen.proxies === undefined)
    limitPerAddress(server, options.connectionsPerAddress ?? CONNECTIONS_PER_ADDRESS)
  else admitOnly(server, listen.proxies)
  return server
}

/** RFC 8446, 4.4.2.4: the connection goes on whatever the client shows; who reads the certificate judges it. */
const ANY_CLIENT = { requestCert: true, rejectUnauthorized: false } as const

type TlsFiles = NonNullable<WebListen['tls']>

function secureOptions({ certificateFile, keyFile }: TlsFiles): SecureContextOptions {
  const options = { ...TLS_POLICY, cert: readFileSync(certificateFile), key: readFileSync(keyFile) }
  createSecureContext(options)
  return options
}

/** A renewed pair is taken over when it is whole; half of one is left where it is until the other half has come. */
function keepRenewed(server: Server, files: TlsFiles, { log, checkMilliseconds }: WebServerOptions): void {
  let known = stampOf(files)
  const timer = setInterval(() => {
    try {
      const stamp = stampOf(files)
      if (stamp === known) return // Of `https` servers alone, which the caller made just above.
      ;(server as unknown as { setSecureContext(options: SecureContextOptions): void }).setSecureContext(
        secureOptions(files),
      )
      known = stamp
      log('info', 'certificate-renewed')
    } catch (fault) {
      log('warn', 'certificate-not-renewed', describeFault(fault))
    }
  }, checkMilliseconds ?? RENEWAL_CHECK_MILLISECONDS)
  timer.unref()
  server.once('close', () => clearInterval(timer))
}

function stampOf({ certificateFile, keyFile }: TlsFiles): string {
  return [certificateFile, keyFile].map(file => statSync(file).mtimeMs).join(' ')
}

/** The peer's own address decides, and nothing that it says. */
function admitOnly(server: Server, proxies: readonly string[]): void {
  const admitted = new BlockList()
  for (const proxy of proxies) admitted.addAddress(proxy, familyOf(proxy))
  server.on('connection', (socket: Socket) => {
    const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    if (!admitted.check(peer, familyOf(peer))) socket.destroy()
  })
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Listens. @throws Error with code `EADDRINUSE` when the port is taken */
export async function listenOn(server: Server, { host, port }: WebListen): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(port, host, resolve)
  await promise
  const bound = server.address()
  if (typeof bound !== 'object' || bound === null) throw new Error('the server has no port')
  return bound.port
}

/** RFC 6797, 6.1: for a year, and only where it was reached over TLS. */
export function transportSecurity(publicUrl: string): Readonly<Record<string, string>> {
  return new URL(publicUrl).protocol === 'https:' ? { 'strict-transport-security': 'max-age=31536000' } : {}
}
