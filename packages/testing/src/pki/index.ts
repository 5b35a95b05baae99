export { crlOf, ocspAnswerOf, type Status, statusSource } from './status.ts'
export {
  chain,
  type Entity,
  entityOf,
  issue,
  issuing,
  NOT_AFTER,
  NOT_BEFORE,
  NOW,
  root,
  SIGNER,
  signer,
  timeStampingUnit,
} from './test-pki.ts'
