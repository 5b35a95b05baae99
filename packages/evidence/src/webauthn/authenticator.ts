/** An authenticator as far as a verifier needs it. */
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'

export interface Authenticator {
  readonly credentialId: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly algorithm: SignatureAlgorithm
}
