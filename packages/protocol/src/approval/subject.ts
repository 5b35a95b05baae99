/**
 * Who a certificate names: the attributes that a registration officer vouches for in an enrolment grant.
 *
 * Attribute names are those of EN 319 412-2 V2.3.1, 4.2.4 (natural persons).
 */
import { optional, record, type Shaped, text } from '../shape/shape.ts'

// Control characters and bidirectional overrides could make the page show another name than the one signed.
const VISIBLE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
/** REPLACEMENT CHARACTER: shows that something stood there. */
const MARK = '\uFFFD'

export const visibleText = (max: number) => text({ max, pattern: VISIBLE })

/**
 * What `visibleText` takes, of a name from elsewhere: file names may hold joiners, marks of direction, tabs.
 *
 * @param max in UTF-16 code units; the rest is cut off
 */
export function madeVisible(name: string, max: number): string {
  return name.replaceAll(INVISIBLE, MARK).slice(0, max).toWellFormed()
}

export const subjectAttributes = record({
  commonName: visibleText(64),
  givenName: optional(visibleText(64)),
  surname: optional(visibleText(64)),
  serialNumber: optional(visibleText(64)),
  organizationName: optional(visibleText(64)),
  countryName: optional(text({ min: 2, max: 2, pattern: /^[A-Z]{2}$/ })),
})

export type SubjectAttributes = Shaped<typeof subjectAttributes>
