export { APPROVAL_CLIENT, createForeignProvider, type ForeignProvider, jwkOf } from './foreign-provider.ts'
export { type AtProvider, logInToApprove } from './person.ts'
export { LOG_INS, type LogInMethod, type ProviderClient } from './settings.ts'
