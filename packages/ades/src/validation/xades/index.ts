export type { SignedContent } from './check-references.ts'
export { type VerifyXadesOptions, verifyXades } from './verify-xades.ts'
export type { PassedXadesFacts, XadesFacts, XadesVerdict } from './xades-verdict.ts'
