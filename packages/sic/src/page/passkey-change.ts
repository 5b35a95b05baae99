/**
 * What a change of the signer's passkeys sends (sole-control 6): one more, or one less, approved with one that he has.
 *
 * A new passkey is registered under a challenge that only follows from the ticket; the statement that is approved then
 * carries the whole registration, so that nobody can put another one in its place.
 */
import {
  type AddAuthenticatorStatement,
  type Registration,
  type RemoveAuthenticatorStatement,
  toWire,
} from '@natsuin/protocol/approval'
import { writeJson } from '@natsuin/protocol/shape'

/** The bytes whose SHA-256 a passkey that the signer has answers. */
export function additionBytes(
  ticketText: string,
  label: string,
  registration: Registration,
): Uint8Array<ArrayBuffer> {
  const statement: AddAuthenticatorStatement = {
    v: 1,
    purpose: 'add-authenticator',
    ticket: ticketText,
    label,
    registration,
  }
  return writeJson(toWire(statement))
}

export function removalBytes(ticketText: string): Uint8Array<ArrayBuffer> {
  const statement: RemoveAuthenticatorStatement = {
    v: 1,
    purpose: 'remove-authenticator',
    ticket: ticketText,
  }
  return writeJson(toWire(statement))
}
