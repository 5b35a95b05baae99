export { type AttestationDeviations, type Manufacturer, newManufacturer } from './attesters.ts'
export {
  type AuthenticationJson,
  authenticationJson,
  type RegistrationJson,
  registrationJson,
} from './browser-json.ts'
export {
  type AssertRequest,
  type Attester,
  type AuthenticatorOptions,
  type AuthenticatorState,
  createSoftwareAuthenticator,
  type Deviations,
  NoCredential,
  type Registered,
  type RegisterRequest,
  restoreSoftwareAuthenticator,
  type SoftwareAuthenticator,
} from './software-authenticator.ts'
