export { BASELINE_LEVELS, type BaselineLevel } from '../level.ts'
export { type ByteSource, blobSource, bytesSource } from '../pdf/byte-source.ts'
export { ADES_REFUSALS, AdesRefusal, type AdesRefusalCode } from '../refusal.ts'
export type { ZipLimits } from '../zip/read.ts'
export { ZIP_REFUSALS, ZipRefusal, type ZipRefusalCode } from '../zip/refusal.ts'
export { type AugmentAsicOptions, augmentAsic } from './augment.ts'
export { type AsicContainer, type AsicFile, newAsic, openAsic, writeAsic } from './container.ts'
export {
  type CompleteAsicOptions,
  completeAsic,
  type PrepareAsicOptions,
  type PreparedAsic,
  prepareAsic,
} from './sign.ts'
export type { AsicForm } from './vocabulary.ts'
