/**
 * What people carry between the SAM's host and the approval page, when no process can or may: fragments of links, and
 * codes that a page shows to be copied (docs/administer.md).
 *
 * Nothing of it is secret, and nothing is believed for having been carried: a request comes with its ticket, a
 * registration and an approval are checked by the SAM like every other.
 */
import { fromBase64url, toBase64url } from '@natsuin/pki/encoding'
import { assertion, identifier, registration, ticketText, toWire, visibleText } from '../approval/index.ts'
import { roster } from '../genesis/index.ts'
import { base64url, list, record, type Shape, type Shaped, ShapeError } from '../shape/shape.ts'
import { readStrictJson, writeJson } from '../shape/strict-json.ts'
import { administrativeRequest } from './request.ts'

/** Asks somebody who is to be in the roster to register a passkey. */
export const invitedPerson = record({
  deployment: visibleText(255),
  personId: identifier,
  name: visibleText(255),
})

/** The passkey that he registered. */
export const carriedRegistration = record({ personId: identifier, registration })

/** A request, as somebody is asked to approve it. */
export const carriedRequest = record({
  ticket: ticketText,
  allow: list(base64url({ max: 1023 }), { max: 100 }),
  request: administrativeRequest,
  roster,
})

/** What he answered. */
export const carriedApproval = record({ statement: base64url({ max: 8_000_000 }), assertion })

export type InvitedPerson = Shaped<typeof invitedPerson>
export type CarriedRegistration = Shaped<typeof carriedRegistration>
export type CarriedRequest = Shaped<typeof carriedRequest>
export type CarriedApproval = Shaped<typeof carriedApproval>

export function writeCarried(value: unknown): string {
  return toBase64url(writeJson(toWire(value)))
}

/** White space that copying added is not part of it. @throws ShapeError also when some of it is missing */
export function readCarried<T>(text: string, shape: Shape<T>): T {
  const bytes = fromBase64url(text.replaceAll(/\s/g, ''))
  if (bytes === undefined) throw new ShapeError('', 'a code as it was shown')
  return readStrictJson(bytes, shape)
}
