/** signer-location: EN 319 122-1 V1.3.1, 5.2.5. At least one part of it is there. */
import { DerError } from '../../asn1/der-error.ts'
import type { DerNode } from '../../asn1/der-node.ts'
import { readFields } from '../../asn1/fields.ts'
import { OID } from '../../asn1/oid.ts'
import { readSequence, readText } from '../../asn1/read.ts'
import { type Der, explicit, sequence, utf8String } from '../../asn1/write.ts'
import type { Claim } from './claim.ts'

export interface SignerLocation {
  readonly country?: string
  readonly locality?: string
  /** Up to six lines. */
  readonly postalAddress?: readonly string[]
}

export const signerLocation: Claim<SignerLocation> = { oid: OID.signerLocation, write, read }

const MAX_LINES = 6

function write({ country, locality, postalAddress = [] }: SignerLocation): Der {
  const parts = [country, locality, postalAddress[0]].filter(part => part !== undefined)
  if (parts.length === 0 || postalAddress.length > MAX_LINES)
    throw new RangeError('a location of one to six lines')
  return sequence(
    country === undefined ? undefined : explicit(0, utf8String(country)),
    locality === undefined ? undefined : explicit(1, utf8String(locality)),
    postalAddress.length === 0 ? undefined : explicit(2, sequence(...postalAddress.map(utf8String))),
  )
}

function read(node: DerNode): SignerLocation {
  return readFields(node, 'SignerLocation', fields => {
    const [country, locality, address] = [0, 1, 2].map(n => fields.explicit(n))
    if (country === undefined && locality === undefined && address === undefined)
      throw new DerError('missing-field', 'SignerLocation')
    return {
      ...(country === undefined ? {} : { country: readText(country) }),
      ...(locality === undefined ? {} : { locality: readText(locality) }),
      ...(address === undefined ? {} : { postalAddress: readSequence(address).map(readText) }),
    }
  })
}
