/** A PIN, and the address that codes are sent to, in a box that only this process opens. */
import type { Means } from '@natsuin/protocol/approval'
import { pinAndAddress } from '@natsuin/protocol/approval'
import { newPinVerifier, type PinVerifier } from '../../codes/pin-verifier.ts'
import type { Sam } from '../../sam.ts'
import { openBox } from './open-box.ts'

export interface NewPinSentCode extends PinVerifier {
  readonly address: string
}

/** @throws Refusal `box-unreadable`, `malformed`, `module-unavailable` */
export async function checkNewPinSentCode(
  sam: Sam,
  statement: Uint8Array,
  { box }: NonNullable<Means['pinSentCode']>,
): Promise<NewPinSentCode> {
  const { pin, address } = openBox(sam, statement, box, pinAndAddress)
  return { ...(await newPinVerifier(sam.module, pin)), address }
}
