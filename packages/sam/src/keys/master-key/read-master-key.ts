/** `master-key/read` — which master key there is, and how far a rotation is. */
import type { AdministrationResponse } from '@natsuin/protocol/sap'
import type { Sam } from '../../sam.ts'

export async function readMasterKey({
  state: { masterKey },
  rotation,
}: Sam): Promise<AdministrationResponse<'master-key/read'>> {
  const { label, retiring } = masterKey
  if (retiring === undefined) return { label }
  const { looked, total, heldUp } = rotation
  return { label, rotation: { retiring, looked, total, heldUp: [...heldUp] } }
}
