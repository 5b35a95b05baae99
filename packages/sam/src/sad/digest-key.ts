/**
 * What tells approved digests apart: their value, and what they are digests of. One of another type is another one, whatever
 * its value, so none is used as what it was not approved as.
 */
import type { HashType } from '@natsuin/protocol/approval'
import type { AskedDigest } from '@natsuin/protocol/sap'

export interface TypedDigest {
  readonly hashType: HashType
  readonly digest: Uint8Array
}

/** A DTBS/R is asked for by its bytes alone. */
export const typedDigest = (asked: AskedDigest): TypedDigest =>
  asked instanceof Uint8Array
    ? { hashType: 'dtbsr', digest: asked }
    : { hashType: asked.hashType, digest: asked.documentDigest }

export function digestKey({ hashType, digest }: TypedDigest): string {
  const bytes = Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength)
  return `${hashType} ${bytes.toString('latin1')}`
}
