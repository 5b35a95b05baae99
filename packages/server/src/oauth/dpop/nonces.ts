/**
 * Nonces for proofs: a new one every minute, good for some minutes, so that nobody makes proofs in store (RFC 9449, 8, 9
 * and 11.2; threats T-DP-04).
 *
 * Made of a secret and the minute alone: every process makes the same ones and knows those of the others. It is the
 * derivation of oidc-provider (9.13.3, lib/helpers/challenge.js), which looks at them once more at its endpoints. Clients
 * remember one nonce for an origin, so there has to be one kind of nonce here.
 */
import { hkdfSync } from 'node:crypto'
import { type Clock, epochSeconds } from '../../clock.ts'

const STEP_SECONDS = 60
/** Before and after the present minute. */
const NEIGHBOURS = [-2, -1, 0, 1, 2]
const NEWEST = 3
const NONCE_BYTES = 32

export interface ProofNonces {
  /** The one to make the next proof with. */
  newest(): string
  isGood(nonce: string): boolean
}

/** @param secret 32 bytes, the same in every process of the deployment */
export function createProofNonces(secret: Uint8Array, clock: Clock): ProofNonces {
  let made: { readonly step: number; readonly nonces: readonly string[] } | undefined
  const present = () => {
    const step = Math.floor(epochSeconds(clock()) / STEP_SECONDS)
    if (made?.step !== step) made = { step, nonces: NEIGHBOURS.map(by => nonceOf(secret, step + by)) }
    return made.nonces
  }
  return {
    newest: () => present()[NEWEST] ?? '',
    isGood: nonce => present().includes(nonce),
  }
}

function nonceOf(secret: Uint8Array, step: number): string {
  const salt = Buffer.alloc(8)
  salt.writeBigUInt64BE(BigInt(step))
  return Buffer.from(hkdfSync('sha256', secret, salt, 'DPoP', NONCE_BYTES)).toString('base64url')
}
