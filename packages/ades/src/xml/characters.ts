/** The character classes of XML 1.0, 2.2 and 2.3, and of Namespaces in XML 1.0, 4. */

const START =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}' +
  '\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}'
const FURTHER = `${START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}`

const NCNAME = `[${START}][${FURTHER}]*`

/** A name, with a prefix or without. */
export const QNAME = new RegExp(`(?:(${NCNAME}):)?(${NCNAME})`, 'uy')
/** A name without a colon, as names of processing instructions are where namespaces are used. */
export const PLAIN_NAME = new RegExp(NCNAME, 'uy')

/** What no document may hold, even as a reference. Lone surrogates are none of UTF-8 and `u` finds them. */
export const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u

/** Line ends as XML 1.0, 2.11 normalises them. */
export function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}
