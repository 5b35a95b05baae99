/**
 * Who a certificate names: the attributes that a registration officer vouches for in an enrolment grant.
 *
 * Attribute names are those of EN 319 412-2 V2.3.1, 4.2.4 (natural persons) and EN 319 412-3 V1.3.1, 4.2.1
 * (organisations).
 */
import { optional, record, type Shape, type Shaped, ShapeError, text } from '../shape/shape.ts'

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

/** Kind of register, country, hyphen, number (EN 319 412-1 V1.5.1, 5.1.4); kinds of a country's own have a colon. */
const REGISTERED = /^(?:[A-Z]{3}|[A-Z]{2}:)[A-Z]{2}-[\x21-\x7e]+$/

const attributes = record({
  commonName: visibleText(64),
  givenName: optional(visibleText(64)),
  surname: optional(visibleText(64)),
  serialNumber: optional(visibleText(64)),
  organizationName: optional(visibleText(64)),
  /** As in "NTRJP-1010001000001": then the subject is the organisation, and a certificate of its key is for seals. */
  organizationIdentifier: optional(text({ max: 64, pattern: REGISTERED })),
  countryName: optional(text({ min: 2, max: 2, pattern: /^[A-Z]{2}$/ })),
})

export type SubjectAttributes = Shaped<typeof attributes>

/** An organisation is named with its country and its registered name (EN 319 412-3 V1.3.1, 4.2.1), and is no person. */
export const subjectAttributes: Shape<SubjectAttributes> = (value, path = '') => {
  const subject = attributes(value, path)
  const { organizationIdentifier, organizationName, countryName, givenName, surname } = subject
  if (organizationIdentifier === undefined) return subject
  const isOrganisation = organizationName !== undefined && countryName !== undefined
  if (isOrganisation && givenName === undefined && surname === undefined) return subject
  throw new ShapeError(path, 'an organisation with its name and country, and no name of a person')
}
