/** The seal on the records of the SAM. */
import { type CryptoModule, Seal } from '@natsuin/crypto-module'
import { LABEL } from '../keys/labels.ts'

export const recordSeal = (module: CryptoModule): Promise<Seal> => Seal.derive(module, LABEL.seal, CONTEXT)

const CONTEXT = 'natsuin-sam-seal-v1'
