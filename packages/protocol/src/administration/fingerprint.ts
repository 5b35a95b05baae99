/** What two people compare by voice, so that the passkey that is admitted is the one that was made. */
import { toHex } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { Registration } from '../approval/index.ts'

/** Of a registration: of everything that the authenticator said. */
export async function fingerprintOf(
  { attestationObject }: Pick<Registration, 'attestationObject'>,
  platform: Digest,
): Promise<string> {
  return shortened(await platform.digest('sha256', attestationObject))
}

/** Eighty bits in groups of four digits: enough against somebody who makes passkeys until one looks the same. */
export function shortened(bytes: Uint8Array): string {
  return (toHex(bytes.subarray(0, 10)).match(/.{1,4}/g) ?? []).join(' ')
}
