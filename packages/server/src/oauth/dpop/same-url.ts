/**
 * `htu` and the address that was asked: without query and fragment, after the normalisation that RFC 3986, 6.2.2.1 and
 * 6.2.3 allow — case of scheme and host, default port (RFC 9449, 4.3, 9).
 *
 * Dot segments are not resolved: no client has a reason to sign them, and two readers may resolve them differently.
 */

const WRITTEN = /^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?=[/?#]|$)/i

/** @param asked by the configured public address; what the request says of itself is not in it */
export function isSameUrl(htu: string, asked: URL): boolean {
  if (!WRITTEN.test(htu) || DOT_SEGMENT.test(htu)) return false
  const said = URL.parse(htu)
  return said !== null && withoutQuery(said) === withoutQuery(asked)
}

function withoutQuery({ href, search, hash }: URL): string {
  return href.slice(0, href.length - search.length - hash.length).replace(/(?<![?#])[?#]+$/, '')
}
