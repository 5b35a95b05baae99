export { type ClientKey, type KnownClient, knownClient } from '../approval/index.ts'
export {
  type AcceptedAuthenticators,
  type CredentialClass,
  credentialClass,
  type KeyOrigin,
  keyOrigin,
  type Level,
  limits,
  type Person,
  type PersonPasskey,
  person,
  personPasskey,
  type Role,
  type Roster,
  type RosterLimits,
  role,
  roster,
} from './roster.ts'
