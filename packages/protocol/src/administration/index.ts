export {
  type CarriedApproval,
  type CarriedRegistration,
  type CarriedRequest,
  carriedApproval,
  carriedRegistration,
  carriedRequest,
  type InvitedPerson,
  invitedPerson,
  readCarried,
  writeCarried,
} from './carried.ts'
export {
  type Candidate,
  type Change,
  type ChangeKind,
  type ChangeOf,
  candidate,
  change,
} from './change.ts'
export { fingerprintOf, shortened } from './fingerprint.ts'
export {
  type Act,
  type ActKind,
  type ActOf,
  type AdministrativeRequest,
  act,
  administrativeRequest,
  requestBytes,
} from './request.ts'
export { type AdministerStatement, administerStatement } from './statement.ts'
