/**
 * What the one-time enrolment key signs: everything by which the person is going to approve, tied to its statement.
 *
 * The private half reached the person outside `server` (sole-control 6), so whoever holds `server` cannot put
 * means of his own in the place of the person's.
 */
import { concat, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { writeJson } from '../shape/strict-json.ts'
import { type Means, means as meansShape } from './means.ts'
import { toWire } from './wire.ts'

/** The message for an ECDSA P-256 SHA-256 signature: a context and two digests of fixed length. */
export async function enrolmentMessage(statement: Uint8Array, means: Means, digest: Digest) {
  // In the order of the shape, whoever made the value.
  const written = writeJson(toWire(meansShape(toWire(means))))
  const digests = await Promise.all([statement, written].map(part => digest.digest('sha256', part)))
  return concat(utf8('natsuin-enrolment-v2\n'), ...digests)
}
