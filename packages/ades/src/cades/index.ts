export { COMMITMENT_TYPES, type SignerClaims } from '@natsuin/pki/cms'
export { BASELINE_LEVELS, type BaselineLevel } from '../level.ts'
export { type ByteSource, blobSource, bytesSource } from '../pdf/byte-source.ts'
export { ADES_REFUSALS, AdesRefusal, type AdesRefusalCode } from '../refusal.ts'
export { type Content, type DigestedContent, piecesOf } from '../signing/content.ts'
export { attachContent, type OpenedCades, openCades } from './attached.ts'
export { type AugmentCadesOptions, augmentCades } from './augment.ts'
export { type CompleteCadesOptions, completeCades } from './complete.ts'
export {
  type CompleteCounterSignatureOptions,
  completeCounterSignature,
  type PrepareCounterSignatureOptions,
  prepareCounterSignature,
} from './counter-signature.ts'
export { type PrepareCadesOptions, type PreparedCades, prepareCades } from './prepare.ts'
export { preparedCadesFromJson, preparedCadesToJson } from './prepared-json.ts'
