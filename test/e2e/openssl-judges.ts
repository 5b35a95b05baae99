/**
 * What OpenSSL says of a signed PDF. The byte ranges are found by their text, not by our reader of PDF; our
 * reader of CMS finds the time-stamp token.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSignedData, signatureTimeStampsOf } from '@natsuin/pki/cms'
import { openssl } from '@natsuin/testing/judges'

export interface SignedParts {
  /** What the byte ranges cover. */
  readonly covered: Uint8Array
  /** The CMS in between, without the zeros that fill its place. */
  readonly cms: Uint8Array
}

/** The newest signature of the file. */
export function signedParts(path: string): SignedParts {
  const file = readFileSync(path)
  const text = file.toString('latin1')
  const range = [...text.matchAll(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)].at(-1)
  const [first = 0, size = 0, second = 0, rest = 0] = (range ?? []).slice(1).map(Number)
  if (first !== 0 || second + rest !== file.length) throw new Error('the ranges do not cover the file')
  const hex = text.slice(size + 1, second - 1)
  const padded = Buffer.from(hex, 'hex')
  const covered = Buffer.concat([file.subarray(0, size), file.subarray(second)])
  return { covered, cms: padded.subarray(0, derLength(padded)) }
}

/** X.690, 8.1.3: the long form that every CMS of this size has. */
function derLength(der: Buffer): number {
  const octets = (der[1] ?? 0) & 0x7f
  return 2 + octets + der.readUIntBE(2, octets)
}

export interface OpensslOpinion {
  readonly cms: string
  readonly timeStamp: string
}

/** @param root DER of the one certificate to trust. @throws when openssl does not accept one of them */
export function opensslOpinion(path: string, root: Uint8Array, folder: string): OpensslOpinion {
  const { covered, cms } = signedParts(path)
  const file = (name: string, bytes: Uint8Array) => {
    const at = join(folder, `${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}-${name}`)
    writeFileSync(at, bytes)
    return at
  }
  const trusted = file(
    'root.pem',
    Buffer.from(openssl('x509', '-inform', 'DER', '-in', file('root.der', root))),
  )
  const [signerInfo] = parseSignedData(cms).signerInfos
  const [token] = signerInfo === undefined ? [] : signatureTimeStampsOf(signerInfo)
  if (signerInfo === undefined || token === undefined) throw new Error('there is no time-stamp')
  const signature = ['-inform', 'DER', '-in', file('cms', cms), '-content', file('covered', covered)]
  const stamp = ['-token_in', '-in', file('token', token), '-data', file('value', signerInfo.signature)]
  const discard = ['-out', join(folder, 'content')]
  return {
    cms: openssl(
      'cms',
      '-verify',
      '-cades',
      '-binary',
      '-purpose',
      'any',
      ...signature,
      '-CAfile',
      trusted,
      ...discard,
    ),
    timeStamp: openssl('ts', '-verify', ...stamp, '-CAfile', trusted),
  }
}
