export {
  type AsicReport,
  type AsicSignature,
  type VerifyAsicOptions,
  verifyAsic,
} from './verify-asic.ts'
