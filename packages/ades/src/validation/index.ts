export { type VerifyCadesOptions, verifyCades } from './cades/verify-cades.ts'
export type { JadesFacts, JadesVerdict, PassedJadesFacts } from './jades/jades-verdict.ts'
export type { SignedThing } from './jades/signed-thing.ts'
export { type VerifyJadesOptions, verifyJades } from './jades/verify-jades.ts'
export {
  type CommonFacts,
  INDICATIONS,
  type KnownWhenPassed,
  type PassedFacts,
  type SignatureFacts,
  type SubIndication,
  type TimeStampFacts,
  type Verdict,
  type VerdictOn,
} from './verdict.ts'
export type { VerifyOptions } from './verify-options.ts'
export { type VerifyPadesOptions, verifyPades } from './verify-pades.ts'
