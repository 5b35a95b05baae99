/** Validity periods: whole seconds, and never beyond the issuer's own end (EN 319 411-1 V1.5.1, GEN-6.3.3-05). */

export interface Validity {
  readonly notBefore: Date
  /** Inclusive (RFC 5280, 4.1.2.5). */
  readonly notAfter: Date
}

/** From `now` on for `days`, cut to the end of the issuer. */
export function validityFrom(now: Date, days: number, issuerNotAfter?: Date): Validity {
  const notBefore = new Date(Math.floor(now.getTime() / SECOND) * SECOND)
  const end = notBefore.getTime() + days * DAY - SECOND
  return { notBefore, notAfter: new Date(Math.min(end, issuerNotAfter?.getTime() ?? end)) }
}

export const SECOND = 1000
export const DAY = 86_400 * SECOND
