/**
 * How somebody found out who a person is, as far as the SAM looks at it.
 *
 * The papers stay with the operator; the digest ties them to the grant that officers sign. Levels are those of
 * identity proofing, from 0 (nobody looked) to 3; which one a class demands is in the roster.
 */
import { base64url, integer, record, type Shaped } from '../shape/shape.ts'
import { identifier } from './names.ts'

export const proofingLevel = integer({ min: 0, max: 3 })

export const proofingRecord = record({
  /** The operator's name for the method: `in-person`, say. */
  method: identifier,
  level: proofingLevel,
  /** Seconds since 1970-01-01T00:00:00Z. */
  completedAt: integer({ min: 0, max: 2 ** 40 }),
  /** SHA-256 of the evidence, which stays with the operator. */
  evidenceDigest: base64url({ min: 32, max: 32 }),
})

export type ProofingRecord = Shaped<typeof proofingRecord>
