export { type ClientKey, type KnownClient, knownClient } from '../approval/index.ts'
export {
  type AcceptedAuthenticators,
  type CredentialClass,
  credentialClass,
  type KeyOrigin,
  keyOrigin,
  type Level,
  type Person,
  type PersonPasskey,
  person,
  personPasskey,
  type Role,
  type Roster,
  role,
  roster,
} from './roster.ts'
