/** A signature that cannot be read is refused, whatever is wrong with it: nothing is added to what we do not understand. */
import { DerError } from '@natsuin/pki/asn1'
import { AdesRefusal } from '../refusal.ts'

/** @throws AdesRefusal `signature-unreadable` where `read` throws a DerError */
export function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) throw new AdesRefusal('signature-unreadable', error.reason)
    throw error
  }
}
