export { ADES_REFUSALS, AdesRefusal, type AdesRefusalCode } from '../refusal.ts'
export { type CollectOptions, collectValidationData, type Subject, type ValidationData } from './collect.ts'
export { judgeRevocation, type RevocationJudgement } from './judge-revocation.ts'
export type { RevocationInfo, RevocationQuestion, RevocationSource } from './revocation-source.ts'
