/**
 * A file with a private key, whatever it is: PKCS #12, or a private key (RFC 5958) in DER or PEM, bare or under a
 * password, with certificates beside it.
 *
 * Keys in formats of their own (`RSA PRIVATE KEY`, `EC PRIVATE KEY`) are not read: openssl turns them into what is.
 */
import { derOfBer } from '../asn1/ber.ts'
import { DerError } from '../asn1/der-error.ts'
import { parseDer } from '../asn1/parse.ts'
import { readInteger, readSequence } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { fromUtf8 } from '../encoding/bytes.ts'
import { checkFileSize } from '../pbe/budget.ts'
import { KeyFileRefusal } from '../pbe/key-file-refusal.ts'
import { openEncryptedKey } from '../pkcs8/open.ts'
import { openPkcs12 } from '../pkcs12/open.ts'
import type { PasswordPlatform } from '../platform/index.ts'
import { fromPem } from '../x509/pem.ts'

export interface KeyFile {
  readonly format: 'pkcs12' | 'pkcs8'
  readonly keys: readonly KeyInFile[]
  /** DER, as they stand in the file. */
  readonly certificates: readonly Uint8Array[]
  /** Bags of a PKCS #12 file that hold something else. */
  readonly passedOver: number
}

export interface KeyInFile {
  /** DER PrivateKeyInfo (RFC 5958, 2). */
  readonly privateKeyInfo: Uint8Array
  readonly encrypted: boolean
  readonly name: string | undefined
}

/** Whether the file can only be opened with a password. @throws DerError, KeyFileRefusal */
export function needsPassword(file: Uint8Array): boolean {
  return partsOf(file).kind !== 'bare'
}

/** Slow, up to about two seconds: call it in a worker with a deadline. @throws DerError, KeyFileRefusal */
export function openKeyFile(file: Uint8Array, password: string, platform: PasswordPlatform): KeyFile {
  const { kind, der, certificates } = partsOf(file)
  if (kind === 'pkcs12') return fromPkcs12(der, password, platform)
  const encrypted = kind === 'encrypted'
  const privateKeyInfo = encrypted ? openEncryptedKey(der, password, platform) : der
  return {
    format: 'pkcs8',
    keys: [{ privateKeyInfo, encrypted, name: undefined }],
    certificates,
    passedOver: 0,
  }
}

function fromPkcs12(der: Uint8Array, password: string, platform: PasswordPlatform): KeyFile {
  const { keys, certificates, passedOver } = openPkcs12(der, password, platform)
  return {
    format: 'pkcs12',
    keys: keys.map(({ privateKeyInfo, encrypted, friendlyName: name }) => ({
      privateKeyInfo,
      encrypted,
      name,
    })),
    certificates: certificates.map(({ certificate }) => certificate),
    passedOver,
  }
}

interface Parts {
  readonly kind: 'pkcs12' | 'encrypted' | 'bare'
  readonly der: Uint8Array
  readonly certificates: readonly Uint8Array[]
}

function partsOf(file: Uint8Array): Parts {
  checkFileSize(file)
  const text = fromUtf8(file)
  return text?.includes('-----BEGIN ') ? pemParts(text) : { kind: kindOf(file), der: file, certificates: [] }
}

/** RFC 7468, 10 and 11. One key in a file: with two, nobody knows which is meant. */
function pemParts(text: string): Parts {
  const [bare, encrypted] = [fromPem('PRIVATE KEY', text), fromPem('ENCRYPTED PRIVATE KEY', text)]
  const [der, ...more] = [...bare, ...encrypted]
  if (der === undefined && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new KeyFileRefusal('format-unsupported')
  }
  if (der === undefined || more.length > 0) throw new KeyFileRefusal('not-one-key')
  const certificates = fromPem('CERTIFICATE', text)
  return { kind: encrypted.length > 0 ? 'encrypted' : 'bare', der, certificates }
}

/** By what comes first: version 3 (RFC 7292, 4), an AlgorithmIdentifier (RFC 5958, 3), another version (RFC 5958, 2). */
function kindOf(file: Uint8Array): Parts['kind'] {
  const [first] = readSequence(parseDer(derOfBer(file)))
  if (first === undefined) throw new DerError('missing-field', 'key file')
  if (first.tag === TAG.sequence) return 'encrypted'
  return readInteger(first) === 3n ? 'pkcs12' : 'bare'
}
