/** Whether there is such a credential: the log knows, not its record, which somebody may have edited or deleted. */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** @throws Refusal `credential-unknown`, `log-unavailable` */
export async function checkKnown({ state, logs }: Sam, credentialId: string): Promise<void> {
  // Another SAM may have made it a moment ago.
  if (!state.isCredential(credentialId)) await logs.state.catchUp()
  if (!state.isCredential(credentialId)) throw refuse('credential-unknown')
}
