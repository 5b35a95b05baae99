export { BASELINE_LEVELS, type BaselineLevel } from '../level.ts'
export { type AugmentXadesOptions, augmentXades } from './augment.ts'
export { type CompleteXadesOptions, completeXades, type LastingXadesOptions } from './complete.ts'
export type {
  DetachedContent,
  DetachedObject,
  EnvelopedContent,
  EnvelopingContent,
  XadesContent,
} from './content.ts'
export { type PrepareCounterSignatureOptions, prepareXadesCounterSignature } from './counter-signature.ts'
export { type PreparedXades, type PrepareXadesOptions, prepareXades } from './prepare.ts'
export { preparedXadesFromJson, preparedXadesToJson } from './prepared-json.ts'
export type { DetachedObjects } from './reference-octets.ts'
export {
  COMMITMENT_TYPES,
  type ProductionPlace,
  type SignaturePolicy,
  type XadesSignerClaims,
} from './signer-claims.ts'
