/** Names in containers: EN 319 162-1 V1.1.1, 4.3, 4.4 and annex A. */
/** Simple: one document. Extended: any number. */
export type AsicForm = 'ASiC-S' | 'ASiC-E'

/** The content of `mimetype` (4.3.3.1, 4.4.3.1 and 4.4.4.1). */
export const MEDIA_TYPES: Readonly<Record<AsicForm, string>> = {
  'ASiC-S': 'application/vnd.etsi.asic-s+zip',
  'ASiC-E': 'application/vnd.etsi.asic-e+zip',
}

export const META_INF = 'META-INF/'

/** What a file of META-INF is by its name: 4.4.3.2, 4.4.4.2 and A.7. */
const named = (word: string, ending: string) => (name: string) => {
  const file = name.slice(META_INF.length)
  return (
    name.startsWith(META_INF) &&
    file.endsWith(ending) &&
    !file.includes('/') &&
    file.slice(0, -ending.length).includes(word)
  )
}
export const isCadesName = named('signature', '.p7s')
export const isXadesName = named('signatures', '.xml')
export const isTimeStampName = named('timestamp', '.tst')
export const ASIC_NAMESPACE = 'http://uri.etsi.org/02918/v1.2.1#'

export const MEDIA_TYPE_OF = {
  cades: 'application/pkcs7-signature',
  timeStamp: 'application/vnd.etsi.timestamp-token',
  xml: 'text/xml',
  unknown: 'application/octet-stream',
} as const
