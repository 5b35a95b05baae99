export { crlOf, ocspAnswerOf, type Status, statusSource } from './status.ts'
export {
  afterDays,
  chain,
  type Entity,
  entityOf,
  issue,
  issuing,
  NOT_AFTER,
  NOT_BEFORE,
  NOW,
  newTimeStampingUnit,
  root,
  SIGNER,
  signer,
  signingAs,
  timeStampingUnit,
} from './test-pki.ts'
export { type Augmenting, augmentingAt, timeStampToken } from './time-stamps.ts'
