export {
  ProcessEnded,
  type ProcessName,
  type RunningProcess,
  runCommand,
  startProcess,
} from '@natsuin/protocol/node/processes'
export {
  type AdministrativeChannel,
  amend,
  approvalBy,
  decide,
  openAdministration,
  propose,
} from './administrators.ts'
export {
  type Answer,
  type Application,
  type ApplicationOptions,
  type ApprovalOptions,
  answerOf,
  type BegunRequest,
  codeOf,
  detailFor,
  ECDSA_SHA256_OID,
  openApplication,
  type RequestParameters,
  SHA256_OID,
  type TestDocument,
  testDocuments,
  tokenOf,
} from './application.ts'
export {
  addPasskey,
  askAccount,
  makePassword,
  openAccount,
  openChange,
  removePasskey,
  showLogIn,
} from './authenticators.ts'
export { type Browser, openBrowser, PageRefused } from './browser.ts'
export {
  type Answered,
  addAuthenticatorStatementBytes,
  addDevice,
  administerStatementBytes,
  answer,
  approveStatementBytes,
  byPasskey,
  challengeOf,
  enrolStatementBytes,
  grantStatementBytes,
  register,
  removeAuthenticatorStatementBytes,
  showMeans,
  signMeans,
} from './ceremonies.ts'
export { assertionClaims, clientAssertion } from './client-assertions.ts'
export {
  type CodeSigner,
  codeAt,
  enrolWithAddress,
  enrolWithCodes,
  firstCodeOf,
  shownAddress,
  shownCodes,
} from './codes.ts'
export { configurationOf } from './configuration.ts'
export {
  type Deployment,
  type KnownDeployment,
  knownDeployment,
  type StartOptions,
  startDeployment,
} from './deployment.ts'
export { loadDevice, saveDevice } from './devices.ts'
export { type Failpoints, openFailpoints } from './failpoints.ts'
export { foundDeployment } from './found.ts'
export { askHealth, type HealthAnswer } from './health.ts'
export { grantFor, type Invitation, invite, inviteAnew, vouch } from './officer.ts'
export { registerPerson } from './people.ts'
export {
  APPROVAL_HOST,
  type ClientPlan,
  classOf,
  isFounded,
  type Member,
  officersOf,
  type PersonPlan,
  type Plan,
  type Ports,
  SECURITY_OFFICERS,
  type SoftHsmPlan,
  type TlsPlan,
  type TokenPlan,
  type Urls,
  urlsOf,
} from './plan.ts'
export {
  openProver,
  type ProvenRequest,
  type Prover,
  proofClaims,
  publicJwkOf,
  signProof,
  thumbprintOf,
} from './proofs.ts'
export {
  createRequestKey,
  type RequestKey,
  type RequestOptions,
  requestClaims,
  signJws,
  signRequestObject,
} from './request-objects.ts'
export {
  bySeal,
  enrolSealer,
  newSealKey,
  ORGANISATION,
  type Sealer,
  sealedToken,
  sealOver,
  shownSealKey,
} from './seals.ts'
export {
  acceptInvitation,
  answerApproval,
  approve,
  decline,
  declineApproval,
  enrolSigner,
  itemsFor,
  logIn,
  openApproval,
  registerLogIn,
  type ShownApproval,
  type Signer,
  type SignerIdentity,
  showApproval,
} from './signer.ts'
export { freePort, freePorts, REDIRECT_URI, startThrowaway, testPlan } from './throwaway.ts'
export { certifyLocalhost, trustCertificate } from './tls.ts'
