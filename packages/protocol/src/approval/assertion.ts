/** What an authenticator answers, as it travels: WebAuthn Level 3, 5.2.1 and 5.2.2, each field as bytes. */
import { base64url, record, type Shaped } from '../shape/shape.ts'

const clientData = base64url({ max: 4096 })

/** Answer of `navigator.credentials.get`. */
export const assertion = record({
  credentialId: base64url({ max: 1023 }),
  clientDataJSON: clientData,
  authenticatorData: base64url({ min: 37, max: 4096 }),
  signature: base64url({ max: 1024 }),
})

/** Answer of `navigator.credentials.create`. */
export const registration = record({
  clientDataJSON: clientData,
  attestationObject: base64url({ max: 16384 }),
})

export type Assertion = Shaped<typeof assertion>
export type Registration = Shaped<typeof registration>
