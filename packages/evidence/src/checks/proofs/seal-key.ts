/** Software sealed this statement with the key that was enrolled for it. That a person was present, this does not prove. */
import type { KeptProofOf } from '@natsuin/protocol/approval'
import { type ApprovedWith, demanded } from '../../verdict.ts'
import { checkSeal } from '../seal.ts'
import type { ProvenStatement } from './proof.ts'

export async function checkSealProof(
  { seal }: KeptProofOf<'seal-key'>,
  { statement, signer, sam }: ProvenStatement,
): Promise<ApprovedWith> {
  const known = demanded(signer.sealKey, 'seal-invalid', 'no seal key was enrolled')
  await checkSeal({ statement, seal }, known.publicKey, sam)
  return { kind: 'seal-key', ...known }
}
