/** TLS on this machine: a certificate of its own for localhost, and this process trusting it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { TlsPlan } from './plan.ts'

/** Makes a key and its certificate in the folder. It is its own issuer: who trusts it trusts nobody else by that. */
export function certifyLocalhost(folder: string): TlsPlan {
  const [certificateFile, keyFile] = [join(folder, 'tls.pem'), join(folder, 'tls-key.pem')]
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certificateFile],
  ])
  return { certificateFile, keyFile }
}

/** `fetch` of this process takes it from now on, beside what it took before. */
export function trustCertificate({ certificateFile }: Pick<TlsPlan, 'certificateFile'>): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificateFile, 'utf8')])
}
