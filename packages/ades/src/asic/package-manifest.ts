/**
 * The list of what is in an extended container with XAdES signatures, as OpenDocument packages have it: EN 319 162-1 V1.1.1,
 * 4.4.3.2 and 5.3.3. Nothing is verified by it; some readers look for it.
 */
import { utf8 } from '@natsuin/pki/encoding'
import type { AsicContainer } from './container.ts'
import { attributes } from './markup.ts'
import { MEDIA_TYPE_OF, MEDIA_TYPES, META_INF } from './vocabulary.ts'

const NAMESPACE = 'urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'

export function packageManifest(
  { form, documents }: AsicContainer,
  mimeTypes: Readonly<Record<string, string>>,
) {
  const files = documents.map(({ name }) => ({ name, type: mimeTypes[name] ?? MEDIA_TYPE_OF.unknown }))
  const entries = [{ name: '/', type: MEDIA_TYPES[form] }, ...files].map(
    ({ name, type }) =>
      `<manifest:file-entry ${attributes({ 'manifest:full-path': name, 'manifest:media-type': type })}/>`,
  )
  const root = attributes({ 'xmlns:manifest': NAMESPACE, 'manifest:version': '1.2' })
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest ${root}>${entries.join('')}</manifest:manifest>`
  return { name: `${META_INF}manifest.xml`, bytes: utf8(text) }
}
