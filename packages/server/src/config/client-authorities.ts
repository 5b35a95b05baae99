/** Certificates of the authorities that issue TLS certificates to clients. */
import { type Certificate, fromPem, parseCertificate } from '@natsuin/pki/x509'
import { problemsOfFile, readText } from '@natsuin/protocol/node'

export function* problemsOfAuthorities(setting: string, file: string): Generator<string> {
  const problems = problemsOfFile(setting, file)
  yield* problems
  if (problems.length > 0) return
  try {
    if (readAuthorities(file).length === 0) yield `${setting}: ${file} holds no certificate`
  } catch (error) {
    yield `${setting}: ${file}: ${String(error)}`
  }
}

/** @throws Error when one of them cannot be read */
export function readAuthorities(file: string): readonly Certificate[] {
  return fromPem('CERTIFICATE', readText(file, 'clientAuthoritiesFile')).map(parseCertificate)
}
