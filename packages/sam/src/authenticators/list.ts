/** `authenticators/list` — what a signer sees of his authenticators before he changes anything about them. */
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import type { Sam } from '../sam.ts'
import { authenticatorsOf } from './of-signer.ts'
import { readSigner } from './read-signer.ts'

/** @throws Refusal `signer-unknown` */
export async function listAuthenticators(
  sam: Sam,
  { signerId }: SapRequest<'authenticators/list'>,
): Promise<SapResponse<'authenticators/list'>> {
  const { content } = await readSigner(sam, signerId)
  const authenticators = authenticatorsOf(sam, content).map(({ id, label, registeredAt }) => ({
    id,
    ...(label === undefined ? {} : { label }),
    registeredAt,
    state: sam.state.isSuspended(id) ? ('suspended' as const) : ('active' as const),
  }))
  return { authenticators }
}
