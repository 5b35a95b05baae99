/** Reads the record of a signer who may still act. */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { SignerRecord } from '../store/record-shapes.ts'
import type { Versioned } from '../store/sealed-records.ts'

/** One who was replaced is as unknown as one who never was. @throws Refusal `signer-unknown`, `record-altered` */
export async function readSigner(
  { records, state }: Pick<Sam, 'records' | 'state'>,
  signerId: string,
): Promise<Versioned<SignerRecord>> {
  const found = await records.read('signer', signerId)
  if (found === undefined || state.isClosed(signerId)) throw refuse('signer-unknown')
  return found
}
