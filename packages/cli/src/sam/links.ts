/** Links to the approval page. Nothing in them is secret; what they ask for needs a passkey. */
import { type CarriedRequest, writeCarried } from '@natsuin/protocol/administration'

/** Somebody is asked to approve a request; his browser asks `server` for it. */
export function approvalLink(origin: string, requestId: string, personId: string): string {
  return `${origin}/#administer=${requestId}&as=${personId}`
}

/** The same, with everything in the link. */
export function carriedLink(origin: string, carried: CarriedRequest): string {
  return `${origin}/#carried=${writeCarried(carried)}`
}

/** Somebody who is to be in the roster is asked for a passkey. */
export function registrationLink(
  origin: string,
  deployment: string,
  { id: personId, name }: { readonly id: string; readonly name: string },
): string {
  return `${origin}/#register=${writeCarried({ deployment, personId, name })}`
}
