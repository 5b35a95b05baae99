/**
 * signatures/timestamp — a time-stamp over a digest. CSC API v1.0.4.0, 11.10; v2.0.0.2, 11.13: `hash` and `hashAlgo` have
 * these names in both.
 */
import { digestByOid } from '@natsuin/pki/algorithms'
import { fromBase64, toBase64 } from '@natsuin/pki/encoding'
import { timestampRequest, timestampResponse } from '@natsuin/protocol/csc'
import { serviceToken } from '../admission.ts'
import { RequestRefused } from '../errors.ts'
import { checkSizes } from '../hashes.ts'
import { cscMethod } from '../method.ts'

export const signaturesTimestamp = cscMethod({
  summary: 'A time-stamp (RFC 3161) over a digest.',
  access: serviceToken,
  request: timestampRequest,
  answers: { 200: timestampResponse },

  async handle({ request: { hash, hashAlgo, nonce } }, services) {
    const digestAlgorithm = digestByOid(hashAlgo)
    if (digestAlgorithm === undefined) throw new RequestRefused('stamped-hash-algorithm-invalid')
    const hashedMessage = fromBase64(hash)
    if (hashedMessage === undefined) throw new RequestRefused('hash-not-base64')
    checkSizes([hashedMessage], digestAlgorithm)
    const asked = {
      digestAlgorithm,
      hashedMessage,
      ...(nonce === undefined ? {} : { nonce: nonceOf(nonce) }),
    }
    return { timestamp: toBase64(await services.timeStamps.over(asked)) }
  },
})

/** Content octets of a positive INTEGER, in the only spelling that DER has (X.690, 8.3). */
function nonceOf(digits: string): Uint8Array {
  const significant = digits.replace(/^0+(?=.)/, '')
  const bytes = Buffer.from(significant.padStart(significant.length + (significant.length % 2), '0'), 'hex')
  return Uint8Array.from((bytes[0] ?? 0) < 0x80 ? bytes : [0, ...bytes])
}
