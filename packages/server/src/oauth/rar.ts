/** `authorization_details` as the authorization server gets them: as a text (RFC 9396, 2). */
import type { HashType } from '@natsuin/protocol/approval'
import {
  type CredentialAct,
  isCredentialAct,
  type RequestedSignatures,
  readAuthorizationDetails,
  readCredentialAct,
} from '@natsuin/protocol/request'
import { parseUnambiguousJson } from '@natsuin/protocol/shape'

/**
 * The request in a text of `authorization_details`.
 *
 * @param untyped what a digest is of that does not say it
 * @throws ShapeError, JsonRefused
 */
export function readDetailsText(written: string, untyped?: HashType): RequestedSignatures {
  return readAuthorizationDetails(parseUnambiguousJson(written), untyped)
}

/** What they ask of a credential itself; `undefined` where they are about signatures. @throws ShapeError, JsonRefused */
export function readActText(written: string): CredentialAct | undefined {
  const details = parseUnambiguousJson(written)
  return isCredentialAct(details) ? readCredentialAct(details) : undefined
}

/** Whether two texts of `authorization_details` say the same: compared as JSON, not as text. */
export function sameDetails(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, sorted(member)])
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)))
}
