export {
  enrolAtProvider,
  entryInFile,
  type ProviderSigner,
  proveAtProvider,
  serveDeployment,
} from './at-deployment.ts'
export {
  APPROVAL_CLIENT,
  createForeignProvider,
  type ForeignProvider,
  jwkOf,
  LOG_IN_CLIENT,
  type LogInClient,
} from './foreign-provider.ts'
export { type AtProvider, logInToApprove, logOutAtProvider } from './person.ts'
export { LOG_INS, type LogInMethod, type ProviderClient } from './settings.ts'
