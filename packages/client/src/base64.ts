/** Base64 as services write it: with or without padding, in either alphabet, broken into lines. */
import { fromBase64url } from '@natsuin/pki/encoding'
import { UnexpectedAnswer } from './csc-error.ts'

/** @throws UnexpectedAnswer */
export function bytesIn(value: unknown, what: string): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === 'string' ? fromBase64url(inOneSpelling(value)) : undefined
  if (bytes === undefined) throw new UnexpectedAnswer(`${what} is not base64`)
  return bytes
}

function inOneSpelling(text: string): string {
  return text
    .replaceAll(/\s/g, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '')
}
