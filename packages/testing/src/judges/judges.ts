/**
 * Other people's programs that judge what we sign: poppler's pdfsig (over NSS), qpdf, openssl, xmllint, xmlsec1.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A new NSS database below the folder that trusts this one root. pdfsig calls every signature unknown unless it
 * finds a database, even an empty one.
 */
export function certificateDatabase(folder: string, trusted: Uint8Array): string {
  const own = mkdtempSync(join(folder, 'nss-'))
  const database = `sql:${own}`
  writeFileSync(join(own, 'root.der'), trusted)
  execFileSync('certutil', ['-N', '-d', database, '--empty-password'])
  execFileSync('certutil', [
    ...['-A', '-d', database, '-n', 'root', '-t', 'CT,C,C'],
    ...['-i', join(own, 'root.der')],
  ])
  return database
}

export interface PdfsigSignature {
  readonly fieldName: string
  readonly valid: boolean
  readonly trusted: boolean
  readonly coversWholeDocument: boolean
}

/** What pdfsig says of each signature, in the order of the fields. @throws ENOENT where there is no pdfsig */
export function pdfsig(path: string, database: string): readonly PdfsigSignature[] {
  const { stdout, error } = spawnSync('pdfsig', ['-nssdir', database, path], { encoding: 'utf8' })
  if (error !== undefined) throw error
  return stdout
    .split(/^Signature #\d+:$/m)
    .slice(1)
    .map(text => ({
      fieldName: /Signature Field Name: (.*)/.exec(text)?.[1] ?? '',
      valid: text.includes('Signature Validation: Signature is Valid.'),
      trusted: text.includes('Certificate Validation: Certificate is Trusted.'),
      coversWholeDocument: text.includes('Total document signed'),
    }))
}

/** The exit code of `qpdf --check`: 0 clean, 3 with warnings, 2 with errors. */
export function qpdfCheck(path: string): { readonly status: number; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('qpdf', ['--check', path], { encoding: 'utf8' })
  return { status: status ?? -1, output: stdout + stderr }
}

/**
 * What `openssl cms` says of a DER signature as CAdES has it: "CAdES Verification successful" when it holds.
 *
 * @param given  `-in` and `-content`, and whom it trusts
 */
export function opensslCades(...given: readonly string[]): string {
  return openssl('cms', '-verify', '-cades', '-binary', '-inform', 'DER', '-out', '/dev/null', ...given)
}

/** Standard output and error of openssl; throws when it exits with an error. */
export function openssl(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`)
  return stdout + stderr
}

/** What xmllint writes for the documents, one behind the other; with comments, which it always keeps. */
export function xmllint(form: 'c14n' | 'c14n11' | 'exc-c14n', paths: readonly string[]): Uint8Array {
  return new Uint8Array(
    execFileSync('xmllint', [`--${form}`, ...paths], { maxBuffer: 2 ** 30, stdio: OUTPUT_ONLY }),
  )
}

const OUTPUT_ONLY: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']

/** Standard output of xmlsec1; throws when it exits with an error. */
export function xmlsec1(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('xmlsec1', args, { encoding: 'utf8', maxBuffer: 2 ** 30 })
  if (status !== 0) throw new Error(`xmlsec1 ${args[0]}: ${stderr}`)
  return stdout
}

/**
 * Whether xmlsec1 finds the first signature of a document valid: all its references, its value, and the path of its
 * signer at the time. Detached objects are looked for beside it.
 *
 * @param trusted  path of the root, DER
 */
export function verifiesByXmlsec1(path: string, trusted: string, at: Date): boolean {
  const ids = ['Object', 'SignatureValue'].map(name => `http://www.w3.org/2000/09/xmldsig#:${name}`)
  const attributes = [...ids, 'http://uri.etsi.org/01903/v1.3.2#:SignedProperties'].flatMap(name => [
    '--id-attr:Id',
    name,
  ])
  const time = at.toISOString().replace('T', ' ').slice(0, 19)
  const args = [...attributes, '--trusted-der', trusted, '--verification-gmt-time', time, path]
  return spawnSync('xmlsec1', ['--verify', ...args], { cwd: dirname(path) }).status === 0
}
