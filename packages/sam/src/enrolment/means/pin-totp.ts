/** A PIN and an authenticator app, in a box that only this process opens. */
import { type Means, pinAndSecret } from '@natsuin/protocol/approval'
import { newPinVerifier, type PinVerifier } from '../../codes/pin-verifier.ts'
import { stepOf } from '../../codes/totp.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import { openBox } from './open-box.ts'

export interface NewPinTotp extends PinVerifier {
  readonly secret: Uint8Array
  /** Of the code that was shown: it is good for nothing more. */
  readonly step: number
}

/** @throws Refusal `box-unreadable`, `malformed`, `pin-or-code-wrong`, `module-unavailable` */
export async function checkNewPinTotp(
  sam: Sam,
  statement: Uint8Array,
  { box }: NonNullable<Means['pinTotp']>,
): Promise<NewPinTotp> {
  const { pin, secret, code } = openBox(sam, statement, box, pinAndSecret)
  const step = stepOf(secret, code, sam.time.seconds())
  if (step === undefined) throw refuse('pin-or-code-wrong')
  return { ...(await newPinVerifier(sam.module, pin)), secret, step }
}
