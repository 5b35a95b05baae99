/** Where a signed document goes when nothing is said: beside the document. */
import { basename, dirname, extname, join } from 'node:path'

export function signedName(path: string): string {
  const extension = extname(path)
  return join(dirname(path), `${basename(path, extension)}-signed${extension}`)
}

/** How a signature names a file that it is beside: alone, so that the two can be moved together. */
export function uriOf(path: string): string {
  return encodeURIComponent(basename(path))
}
