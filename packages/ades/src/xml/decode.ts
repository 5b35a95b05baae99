/**
 * Bytes to text. UTF-8 only: every other encoding is a second way to read the same bytes, and disguises what is in
 * them from those who look for it (T-XML-01).
 */
import { fromUtf8 } from '@natsuin/pki/encoding'
import { XmlRefusal } from './refusal.ts'

const DECLARED = /^\uFEFF?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/

/** @throws XmlRefusal `xml-encoding` */
export function decodeXml(bytes: Uint8Array): string {
  const text = fromUtf8(bytes)
  if (text === undefined) throw new XmlRefusal('xml-encoding')
  const declared = DECLARED.exec(text)?.[1]
  if (declared !== undefined && !/^(?:utf-8|us-ascii)$/i.test(declared))
    throw new XmlRefusal('xml-encoding', declared)
  return text
}
