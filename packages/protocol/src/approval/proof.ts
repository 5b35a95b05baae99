/**
 * How a signer showed that he approves a statement: one variant per way (sole-control 4 and 7).
 *
 * A way has two forms. The *proof* is what the page sends: it may hold what must not outlive the moment. What is *kept*
 * goes into the record and into the evidence. With a passkey or a seal key both are the same.
 */
import { oneOf, record, type Shaped, variant } from '../shape/shape.ts'
import { assertion } from './assertion.ts'
import { sealText } from './seal.ts'

/** An authenticator of the signer's, its user verified, answered the digest of the statement. */
const passkey = record({ kind: oneOf('passkey'), assertion })

/** The key that was enrolled for it sealed the statement: software, nobody present. */
const sealKey = record({ kind: oneOf('seal-key'), seal: sealText })

export const proof = variant('kind', { passkey, 'seal-key': sealKey })
export const keptProof = variant('kind', { passkey, 'seal-key': sealKey })

export type Proof = Shaped<typeof proof>
export type KeptProof = Shaped<typeof keptProof>
export type ProofKind = Proof['kind']
export type ProofOf<K extends ProofKind> = Extract<Proof, { kind: K }>
export type KeptProofOf<K extends ProofKind> = Extract<KeptProof, { kind: K }>
