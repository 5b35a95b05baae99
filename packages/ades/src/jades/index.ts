export { BASELINE_LEVELS, type BaselineLevel } from '../level.ts'
export { type AugmentJadesOptions, augmentJades } from './augment.ts'
export { type CompleteJadesOptions, completeJades } from './complete.ts'
export type {
  DetachedContent,
  DigestedJadesObject,
  HttpMessage,
  JadesContent,
  JadesObject,
} from './content.ts'
export {
  addCounterSignature,
  type CounterSignatureOptions,
  contentToCounterSign,
} from './counter-signature.ts'
export type { JadesSerialization } from './jws.ts'
export { type PreparedJades, type PrepareJadesOptions, prepareJades } from './prepare.ts'
export { preparedJadesFromJson, preparedJadesToJson } from './prepared-json.ts'
export type { Identifier, ProductionPlace, SignaturePolicy, SignedWishes } from './signed-header.ts'
export type { UnsignedForm } from './unsigned-values.ts'
