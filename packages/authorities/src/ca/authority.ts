/** What preparing, issuing and revoking work with: the issuing CA as it runs in this process. */
import type { CryptoModule } from '@natsuin/crypto-module'
import type { PublicAddresses } from './addresses.ts'
import type { AttestationPolicy } from './attestation.ts'
import type { CrlPublisher } from './crl.ts'
import type { Issuer } from './issuer.ts'
import type { Register } from './register.ts'

export interface IssuingAuthority {
  readonly module: CryptoModule
  readonly issuer: Issuer
  readonly register: Register
  readonly addresses: PublicAddresses
  /** The wall clock. */
  readonly now: () => Date
}

export interface SignerCertification extends IssuingAuthority {
  readonly crl: CrlPublisher
  readonly policy: AttestationPolicy
  readonly validityDays: number
}
