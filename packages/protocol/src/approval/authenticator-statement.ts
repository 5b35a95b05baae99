/**
 * Statements about a signer's own authenticators (sole-control 6): one more, or one less.
 *
 * A further authenticator is registered under a challenge that follows from the ticket; then one that the signer has
 * already approves the whole registration. The same ticket is in both, so neither half is worth anything elsewhere.
 */
import { oneOf, record, type Shaped } from '../shape/shape.ts'
import { writeJson } from '../shape/strict-json.ts'
import { registration } from './assertion.ts'
import { visibleText } from './subject.ts'
import { ticketText } from './ticket.ts'

/** What the signer calls an authenticator. */
export const authenticatorLabel = visibleText(64)

/** "I add this authenticator to mine." Approved with one that is mine already. */
export const addAuthenticatorStatement = record({
  v: oneOf(1),
  purpose: oneOf('add-authenticator'),
  ticket: ticketText,
  label: authenticatorLabel,
  /** Of the new authenticator, over `registrationBytes` of this ticket. */
  registration,
})

/** "The authenticator that the ticket names is no longer mine." */
export const removeAuthenticatorStatement = record({
  v: oneOf(1),
  purpose: oneOf('remove-authenticator'),
  ticket: ticketText,
})

/** The bytes whose SHA-256 is the challenge of a new authenticator's registration. */
export function registrationBytes(ticket: string): Uint8Array<ArrayBuffer> {
  return writeJson({ v: 1, purpose: 'register-authenticator', ticket })
}

export type AddAuthenticatorStatement = Shaped<typeof addAuthenticatorStatement>
export type RemoveAuthenticatorStatement = Shaped<typeof removeAuthenticatorStatement>
