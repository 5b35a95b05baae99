export {
  type CredentialClass,
  credentialClass,
  type KnownClient,
  type Level,
  type Officer,
  officer,
  type Roster,
  roster,
} from './roster.ts'
