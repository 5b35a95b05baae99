/**
 * The one spelling of a JSON value: RFC 8785. Numbers and strings are written as ECMAScript writes them (3.2.2.2 and
 * 3.2.2.3), members in the order of their UTF-16 code units (3.2.3).
 */

/** @param value  what a JSON text was read into: no functions, no dates, no `undefined` */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}
