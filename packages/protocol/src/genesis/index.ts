export {
  type CredentialClass,
  credentialClass,
  type KeyOrigin,
  type KnownClient,
  keyOrigin,
  knownClient,
  type Level,
  type Officer,
  officer,
  type Roster,
  roster,
} from './roster.ts'
