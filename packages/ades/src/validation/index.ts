export {
  INDICATIONS,
  type PassedFacts,
  type SignatureFacts,
  type SubIndication,
  type TimeStampFacts,
  type Verdict,
} from './verdict.ts'
export { type VerifyPadesOptions, verifyPades } from './verify-pades.ts'
