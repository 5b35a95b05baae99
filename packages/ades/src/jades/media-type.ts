/** RFC 7515, 4.1.10: `application/` is left out where no other `/` is. */
export function shortMediaType(mediaType: string): string {
  const [, rest = mediaType] = /^application\/([^/]+)$/.exec(mediaType) ?? []
  return rest
}
