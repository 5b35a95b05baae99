/**
 * Whether a DPoP proof is for this request, new, and used for the first time (RFC 9449, 4.3, 8 to 12, and 11.1).
 *
 * The same rules at the authorization server and at every API. The window is that of the FAPI 2.0 Security Profile, 5.3.2.1, 13:
 * a clock may be ten seconds ahead; a proof lives for a minute whatever its nonce says.
 */
import { hash } from 'node:crypto'
import { type Clock, epochSeconds } from '../../clock.ts'
import type { UsedIdRepository } from '../../storage/used-ids.ts'
import type { ProofNonces } from './nonces.ts'
import { ProofRefused } from './proof-refused.ts'
import { type DpopProof, readProof } from './read-proof.ts'
import { isSameUrl } from './same-url.ts'

const MAX_AHEAD_SECONDS = 10
const MAX_AGE_SECONDS = 60

export interface ProvenRequest {
  readonly method: string
  /** By the public address of this server, with the path as it was asked. */
  readonly url: URL
  /** The access token that it carries, if it is one to an API. */
  readonly token?: string
}

export interface Proofs {
  /** What the proof says. @param written the only `DPoP` header of the request @throws ProofRefused */
  judge(written: string, request: ProvenRequest): Promise<DpopProof>
  /** To be asked last: whoever comes second with the same proof is refused, in whichever process. @throws ProofRefused */
  use(proof: DpopProof): Promise<void>
  /** For the header `DPoP-Nonce`. */
  newestNonce(): string
}

export interface ProofParts {
  readonly nonces: ProofNonces
  readonly usedIds: UsedIdRepository
  readonly clock: Clock
}

export function createProofs({ nonces, usedIds, clock }: ProofParts): Proofs {
  return {
    async judge(written, request) {
      const proof = await readProof(written)
      if (!isFor(proof, request) || !isTimely(proof, epochSeconds(clock())))
        throw new ProofRefused('proof-invalid')
      if (proof.nonce === undefined || !nonces.isGood(proof.nonce)) throw new ProofRefused('proof-nonce')
      return proof
    },
    async use({ jkt, jti, iat }) {
      const first = await usedIds.use(`dpop ${jkt}`, jti, Math.ceil(iat) + MAX_AGE_SECONDS)
      if (!first) throw new ProofRefused('proof-invalid')
    },
    newestNonce: () => nonces.newest(),
  }
}

function isFor({ htm, htu, ath }: DpopProof, { method, url, token }: ProvenRequest): boolean {
  const digest = token === undefined ? undefined : hash('sha256', token, 'base64url')
  return htm === method && isSameUrl(htu, url) && (digest === undefined || ath === digest)
}

function isTimely({ iat }: DpopProof, now: number): boolean {
  return iat <= now + MAX_AHEAD_SECONDS && iat >= now - MAX_AGE_SECONDS
}
