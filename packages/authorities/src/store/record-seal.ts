/** The seal on the records of `authorities`, and the refusal when it does not hold. */
import { type CryptoModule, type RecordName, Seal } from '@natsuin/crypto-module'
import { Refusal } from '@natsuin/protocol/refusal'
import { sealKeyLabel } from '../module/keys.ts'

export const recordSeal = (module: CryptoModule): Promise<Seal> => Seal.derive(module, sealKeyLabel, CONTEXT)

/** @throws Refusal `record-altered` when these bytes are not what was sealed under this name */
export function openSealed(seal: Seal, name: RecordName, sealed: Uint8Array): Uint8Array {
  const content = seal.open(name, sealed)
  if (content === undefined) throw new Refusal('record-altered', { ...name })
  return content
}

const CONTEXT = 'natsuin-authorities-seal-v1'
