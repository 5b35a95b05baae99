export { type SapMethod, type SapMethods, type SapRequest, type SapResponse, sapMethods } from './methods.ts'
export { type SapRefusal, sapRefusals } from './refusals.ts'
