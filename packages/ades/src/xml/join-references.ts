/**
 * "join-URI-References" of Canonical XML 1.1, 2.4: RFC 3986, 5.2 without a scheme being needed, and with leading ".."
 * segments kept, because the base is itself only a part of the way.
 */

interface Reference {
  readonly scheme: string
  readonly authority: string
  readonly path: string
  readonly query: string
}

export function joinReferences(base: string, reference: string): string {
  const [outer, inner] = [parsed(base), parsed(reference)]
  if (inner.scheme !== '') return written({ ...inner, path: withoutDots(inner.path) })
  if (inner.authority !== '')
    return written({ ...inner, scheme: outer.scheme, path: withoutDots(inner.path) })
  const { scheme, authority } = outer
  if (inner.path === '') return written({ ...outer, query: inner.query === '' ? outer.query : inner.query })
  return written({ scheme, authority, path: withoutDots(merged(outer, inner.path)), query: inner.query })
}

/** RFC 3986, appendix B; the fragment is dropped (1.1, 2.4). */
function parsed(text: string): Reference {
  const [, scheme = '', authority = '', path = '', query = ''] =
    /^([^:/?#]+:)?(\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?/.exec(text) ?? []
  return { scheme, authority, path, query }
}

function written({ scheme, authority, path, query }: Reference): string {
  return `${scheme}${authority}${path}${query}`
}

/** RFC 3986, 5.2.3. A base that ends in ".." names a folder. */
function merged({ authority, path }: Reference, inner: string): string {
  if (inner.startsWith('/')) return inner
  if (authority !== '' && path === '') return `/${inner}`
  const folder = /(?:^|\/)\.\.$/.test(path) ? `${path}/` : path.slice(0, path.lastIndexOf('/') + 1)
  return `${folder}${inner}`
}

/** RFC 3986, 5.2.4, with ".." kept where there is nothing to take away, and no empty segments. */
function withoutDots(path: string): string {
  const segments = path.split('/')
  const kept: string[] = []
  for (const segment of segments) {
    if (segment === '.' || segment === '') continue
    if (segment !== '..') kept.push(segment)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!path.startsWith('/')) kept.push('..')
  }
  const last = segments.at(-1)
  const isFolder = last === '' || last === '.' || last === '..'
  const joined = `${path.startsWith('/') ? '/' : ''}${kept.join('/')}`
  return isFolder && kept.length > 0 ? `${joined}/` : joined
}
