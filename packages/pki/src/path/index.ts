export { type SigningCertificateProblem, signingCertificateProblem } from './signing-certificate.ts'
export {
  MAX_PATH_LENGTH,
  MAX_PATH_SIGNATURES,
  MAX_PATH_STEPS,
  type PathProblem,
  type PathQuestion,
  type PathVerdict,
  validatePath,
} from './validate.ts'
