/**
 * Bytes to text. UTF-8 only: every other encoding is a second way to read the same bytes, and disguises what is in
 * them from those who look for it (T-XML-01).
 */
import { fromUtf8 } from '@natsuin/pki/encoding'
import { XmlRefusal } from './refusal.ts'

const DECLARED = /^\uFEFF?<\?xml[^>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/

/** @throws XmlRefusal `xml-encoding` */
export function decodeXml(bytes: Uint8Array): string {
  const text = fromUtf8(bytes)
  if (text === undefined) throw new XmlRefusal('xml-encoding')
  const declared = DECLARED.exec(text)?.[1]
  if (declared !== undefined && !/^utf-8$/i.test(declared) && !isAscii(declared, text))
    throw new XmlRefusal('xml-encoding', declared)
  return text
}

/** ASCII is UTF-8 as long as nothing else is in it: another reader would stop there, or see other characters. */
function isAscii(declared: string, text: string): boolean {
  return /^us-ascii$/i.test(declared) && !/[\u0080-\uffff]/.test(text)
}
