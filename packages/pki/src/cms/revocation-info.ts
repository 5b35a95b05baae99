/** OCSP responses in `SignedData.crls.other`: RFC 5940, 2; EN 319 122-1 V1.3.1, 5.4.2. */
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { readOid } from '../asn1/read.ts'
import { contextConstructed } from '../asn1/tags.ts'
import { type Der, element, enumerated, explicit, octetString, oid, sequence } from '../asn1/write.ts'
import type { SignedData } from './signed-data.ts'

const OTHER = contextConstructed(1)

/**
 * DER RevocationInfoChoice.
 *
 * @param response  DER OCSPResponse, the envelope included
 */
export function ocspRevocationInfo(response: Uint8Array): Der {
  return element(OTHER, oid(OID.ocspResponseInfo), response)
}

/** DER OCSPResponse each; one that stands without its envelope gets it. Other information is left out. */
export function ocspResponsesIn({ revocationInfoChoices }: SignedData): readonly Uint8Array[] {
  return revocationInfoChoices.flatMap(choice => {
    const { tag, children } = parseDer(choice)
    const [format, info] = children
    if (tag !== OTHER || format === undefined || info === undefined) return []
    return ENVELOPES.get(readOid(format))?.(info.bytes) ?? []
  })
}

/** EN 319 122-1 V1.3.1, 5.4.2.1 allows both; the first should be used. */
const ENVELOPES: ReadonlyMap<string, (info: Uint8Array) => readonly Uint8Array[]> = new Map([
  [OID.ocspResponseInfo, info => [info]],
  [OID.ocspBasic, info => [inEnvelope(info)]],
])

/** RFC 6960, 4.2.1: status successful. */
function inEnvelope(basic: Uint8Array): Der {
  return sequence(enumerated(0), explicit(0, sequence(oid(OID.ocspBasic), octetString(basic))))
}
