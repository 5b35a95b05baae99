/**
 * `authorization_details` for acts on credentials themselves: CSC API v2.2.0.0, 8.2.2; RFC 9396. Types of v2.1 and later.
 *
 * As strict as those that ask for signatures: one entry, and no members that nobody reads.
 */
import { identifier } from '../approval/index.ts'
import { list, oneOf, optional, record, type Shape, ShapeError, text, variant } from '../shape/shape.ts'

export const CREATION_TYPE = 'https://cloudsignatureconsortium.org/2025/credential-creation'
export const DELETION_TYPE = 'https://cloudsignatureconsortium.org/2025/credential-deletion'
export const ACT_TYPES = [CREATION_TYPE, DELETION_TYPE] as const

/** What the signer is asked for, as a scope names it. */
export type CredentialAct =
  | { readonly scope: 'credential-creation' }
  | { readonly scope: 'credential-deletion'; readonly credentialId: string }

/** Who the certificate is to name is known from the proofing; what a client says of it is let be. */
const anyObject: Shape<object> = (value, path = '') => {
  if (typeof value !== 'object' || value === null) throw new ShapeError(path, 'an object')
  return value
}

const locations = optional(list(text({ max: 2048 }), { max: 10 }))

const acts = list(
  variant('type', {
    [CREATION_TYPE]: record({
      type: oneOf(CREATION_TYPE),
      credentialCreationRequest: optional(anyObject),
      acr_values: optional(text({ max: 255 })),
      locations,
    }),
    [DELETION_TYPE]: record({ type: oneOf(DELETION_TYPE), credentialID: identifier, locations }),
  }),
  { min: 1, max: 1 },
)

/** Whether these parsed details are about credentials, not about signatures. */
export function isCredentialAct(value: unknown): boolean {
  return Array.isArray(value) && value.some(entry => ACT_TYPES.includes(Object(entry).type))
}

/** @throws ShapeError */
export function readCredentialAct(value: unknown): CredentialAct {
  const [act] = acts(value)
  if (act === undefined) throw new ShapeError('authorization_details', 'one element')
  return act.type === DELETION_TYPE
    ? { scope: 'credential-deletion', credentialId: act.credentialID }
    : { scope: 'credential-creation' }
}
