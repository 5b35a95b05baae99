/** The authenticator's part of an answer: WebAuthn Level 3, 6.1 (authenticator data). */
import { equal, utf8 } from '@natsuin/pki/encoding'
import type { Sam } from '../sam.ts'
import { demand, type EvidenceReason } from '../verdict.ts'

const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
/** rpIdHash, flags, signCount. */
export const HEADER_BYTES = 37

/** Checks RP ID, user presence and user verification. */
export async function checkAuthenticatorData(
  data: Uint8Array,
  sam: Sam,
  reason: EvidenceReason,
): Promise<void> {
  const rpIdHash = await sam.platform.digest('sha256', utf8(sam.roster.rpId))
  demand(
    data.length >= HEADER_BYTES && equal(data.subarray(0, 32), rpIdHash),
    reason,
    'an answer for another RP ID',
  )
  const flags = data[32] ?? 0
  const both = USER_PRESENT | USER_VERIFIED
  demand((flags & both) === both, 'user-not-verified', 'the authenticator did not verify the user')
}
