/**
 * UTCTime and GeneralizedTime as RFC 5280, 4.1.2.5 profiles them: UTC, with seconds, ending in Z.
 *
 * RFC 3161, 2.4.2 lets a time-stamp carry a fraction of a second without trailing zeros; that is read only
 * where it is asked for.
 */
import { DerError } from './der-error.ts'

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d*[1-9]))?Z$/

/** RFC 5280, 4.1.2.5.1: a two-digit year of 50 and more is 19YY, else 20YY. */
export function parseUtcTime(text: string): Date {
  const [, year = '', ...rest] = UTC_TIME.exec(text) ?? refuse()
  return instant(Number(year) + (Number(year) >= 50 ? 1900 : 2000), rest)
}

/** @param fraction whether a fraction of a second may follow; digits beyond milliseconds are dropped */
export function parseGeneralizedTime(text: string, fraction: boolean): Date {
  const [, year = '', ...rest] = GENERALIZED_TIME.exec(text) ?? refuse()
  if (rest[5] !== undefined && !fraction) refuse()
  return instant(Number(year), rest)
}

/** YYMMDDHHMMSSZ; only for years 1950 to 2049. */
export function formatUtcTime(at: Date): string {
  return formatGeneralizedTime(at).slice(2)
}

/** YYYYMMDDHHMMSSZ, or with `.f` up to milliseconds and without trailing zeros. */
export function formatGeneralizedTime(at: Date, fraction = false): string {
  const text = at.toISOString()
  if (text.length !== ISO_LENGTH) throw new RangeError('year outside 0000 to 9999')
  const seconds = text.slice(0, 19).replace(/[-:T]/g, '')
  const milliseconds = fraction ? text.slice(20, 23).replace(/0{1,3}$/, '') : ''
  return `${seconds}${milliseconds === '' ? '' : `.${milliseconds}`}Z`
}

// 2026-01-02T03:04:05.678Z; years outside four digits are longer.
const ISO_LENGTH = 24

/** Refuses 30 February, 24:00 and leap seconds: Date would silently move them to another instant. */
function instant(year: number, rest: readonly (string | undefined)[]): Date {
  const [month, day, hours, minutes, seconds, fraction] = rest
  const at = new Date(0)
  at.setUTCFullYear(year, Number(month) - 1, Number(day))
  at.setUTCHours(
    Number(hours),
    Number(minutes),
    Number(seconds),
    Number((fraction ?? '').padEnd(3, '0').slice(0, 3)),
  )
  const same =
    at.getUTCFullYear() === year &&
    at.getUTCMonth() === Number(month) - 1 &&
    at.getUTCDate() === Number(day) &&
    at.getUTCHours() === Number(hours) &&
    at.getUTCMinutes() === Number(minutes) &&
    at.getUTCSeconds() === Number(seconds)
  return same ? at : refuse()
}

function refuse(): never {
  throw new DerError('time-not-valid')
}
