export {
  type Candidate,
  type Change,
  type ChangeKind,
  type ChangeOf,
  candidate,
  change,
} from './change.ts'
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
