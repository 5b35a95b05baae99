/**
 * RSASSA-PSS-params (RFC 4055, 3.1), for the digests that we know: one digest for message and mask, a salt
 * of its length, trailer field 1.
 *
 * Everything else that the parameters could say (SHA-1 by leaving them out, another salt) is another algorithm.
 */
import {
  type DigestAlgorithm,
  digestAlgorithms,
  type SignatureAlgorithm,
  signatureOf,
} from '../algorithms/algorithms.ts'
import { OID } from '../asn1/oid.ts'
import { type Der, explicit, integer, null_, oid, sequence } from '../asn1/write.ts'
import { equal } from '../encoding/bytes.ts'

/** Digests with NULL, as RFC 4055, 2.1 and 6 spell them. The trailer field is left out, being the default. */
export function pssParameters(digest: DigestAlgorithm): Der {
  return spelled(digest, null_())
}

/** The algorithm that these parameters (DER) complete; `undefined` when it is none of ours. */
export function pssWithParameters(parameters: Uint8Array): SignatureAlgorithm | undefined {
  const found = SPELLINGS.find(({ spellings }) => spellings.some(one => equal(one, parameters)))
  return found && signatureOf('rsa-pss', found.digest)
}

function spelled(digest: DigestAlgorithm, none?: Der): Der {
  const identifier = sequence(oid(digestAlgorithms[digest].oid), none)
  return sequence(
    explicit(0, identifier),
    explicit(1, sequence(oid(OID.mgf1), identifier)),
    explicit(2, integer(digestAlgorithms[digest].size)),
  )
}

/** Digests with and without NULL: both are to be accepted (RFC 4055, 2.1). */
const bothSpellings = (digest: DigestAlgorithm) => [spelled(digest, null_()), spelled(digest)]

// Object.keys loses the key type of a Record that is exhaustive by construction.
const DIGESTS = Object.keys(digestAlgorithms) as readonly DigestAlgorithm[]
const SPELLINGS = DIGESTS.map(digest => ({ digest, spellings: bothSpellings(digest) }))
