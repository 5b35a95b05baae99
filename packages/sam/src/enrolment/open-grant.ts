/** Reads a grant that somebody may still enrol with. */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { GrantRecord } from '../store/record-shapes.ts'
import type { Versioned } from '../store/sealed-records.ts'

/** @throws Refusal `grant-unknown`, `grant-spent`, `grant-expired` */
export async function readOpenGrant(sam: Sam, grantId: string): Promise<Versioned<GrantRecord>> {
  const found = await sam.records.read('grant', grantId)
  if (found === undefined) throw refuse('grant-unknown')
  checkOpenGrant(sam, grantId, found.content)
  return found
}

/** @throws Refusal `grant-spent`, `grant-expired` */
export function checkOpenGrant(
  { state, time }: Pick<Sam, 'state' | 'time'>,
  grantId: string,
  { grant, spent }: GrantRecord,
): void {
  // The state log does not forget when the record was put back to an older version.
  if (state.isGrantSpent(grantId) || spent !== undefined) throw refuse('grant-spent')
  if (time.seconds() >= grant.notAfter) throw refuse('grant-expired')
}
