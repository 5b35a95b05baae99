/**
 * What whoever wants to use a SAD has to show: 256 random bits that mean nothing, so that there is nothing in them to
 * alter (threats T-SAD-18, T-SAD-19). Only their digest is kept.
 */
import { randomBytes } from 'node:crypto'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'

export function newBearer(): string {
  return toBase64url(randomBytes(32))
}

/** Of the text as it was given: another spelling of the same bits is another bearer value. */
export function bearerDigest(bearer: string): Uint8Array {
  return digestSync('sha256', utf8(bearer))
}
