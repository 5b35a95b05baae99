export { type ClientKey, type KnownClient, knownClient } from '../approval/index.ts'
export { problemsOfRoles } from './role-rules.ts'
export {
  type AcceptedAuthenticators,
  type CredentialClass,
  credentialClass,
  issuer,
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
  rosterBytes,
} from './roster.ts'
