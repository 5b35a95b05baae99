/**
 * A DPoP proof: one JWT, signed with the key that it carries (RFC 9449, 4.2 and 4.3, 1 to 7).
 *
 * Whether it is for this request, new and ours is for `proofs.ts`. Members that nobody asked for are ignored, members
 * that are there twice are refused.
 */
import { optional, parseUnambiguousJson, record, type Shape, ShapeError, text } from '@natsuin/protocol/shape'
import { calculateJwkThumbprint, compactVerify, EmbeddedJWK, type JWK } from 'jose'
import { ProofRefused } from './proof-refused.ts'

/** FAPI 2.0 Security Profile, 5.4.1, and both names of Ed25519 (RFC 9864). */
export const PROOF_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const

/** RFC 7519, 2: NumericDate may have a fraction. */
const numericDate: Shape<number> = (value, path = '') => {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new ShapeError(path, 'a number')
}

const members = {
  jti: text({ max: 256 }),
  htm: text({ max: 32 }),
  htu: text({ max: 4096 }),
  iat: numericDate,
  ath: optional(text({ max: 64 })),
  nonce: optional(text({ max: 256 })),
}
const claims = record(members)

export type DpopProof = ReturnType<typeof claims> & {
  /** SHA-256 of the key that signed (RFC 7638), base64url. */
  readonly jkt: string
}

/** @throws ProofRefused */
export async function readProof(written: string): Promise<DpopProof> {
  try {
    const options = { algorithms: [...PROOF_ALGORITHMS] }
    const { protectedHeader: header, payload } = await compactVerify(written, EmbeddedJWK, options)
    if (header.typ !== 'dpop+jwt') throw new ShapeError('typ', 'dpop+jwt')
    const said = claims(
      picked(parseUnambiguousJson(new TextDecoder('utf-8', { fatal: true }).decode(payload))),
    )
    return { ...said, jkt: await calculateJwkThumbprint(header.jwk as JWK) } // the key that verified just above
  } catch (cause) {
    // Everything here was made by who sent it, so whatever fails, failed because of it.
    throw new ProofRefused('proof-invalid', { cause })
  }
}

function picked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => Object.hasOwn(members, name)))
}
