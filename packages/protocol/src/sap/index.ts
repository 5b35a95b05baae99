export {
  type AdministrationMethod,
  type AdministrationMethods,
  type AdministrationRequest,
  type AdministrationResponse,
  type Amendment,
  administrationMethods,
  type Proposal,
} from './administration.ts'
export { type SapMethod, type SapMethods, type SapRequest, type SapResponse, sapMethods } from './methods.ts'
export { type SapRefusal, sapRefusals } from './refusals.ts'
export type {
  AskedDigest,
  AskedDocument,
  AskedRepresentation,
  PreparedDocument,
  TemplateDocument,
} from './representations.ts'
