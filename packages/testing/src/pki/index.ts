export {
  chain,
  type Entity,
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
