export {
  type CredentialClass,
  credentialClass,
  type KnownClient,
  knownClient,
  type Level,
  type Officer,
  officer,
  type Roster,
  roster,
} from './roster.ts'
