/** The signatures and document time-stamps that a document has, in the order in which they were made. */
import { DerError, leadingElement } from '@natsuin/pki/asn1'
import { parseSignedData, signatureTimeStampsOf } from '@natsuin/pki/cms'
import type { Certificate } from '@natsuin/pki/x509'
import type { PdfDocument } from '../pdf/document.ts'
import { readFields, readForm, signatureOf } from '../pdf/form.ts'
import { asCount, asName, isArray, isString, type PdfDictionary } from '../pdf/objects.ts'
import { PdfRefusal } from '../pdf/refusal.ts'
import { AdesRefusal } from '../refusal.ts'
import { onlySignerOf, readTimeStamp, type TimeStamp } from '../time-stamping/read-time-stamp.ts'

interface Placed {
  /** Where the revision ends that it covers. */
  readonly end: number
  /** Those it brings, DER each. */
  readonly certificates: readonly Uint8Array[]
}

export type DocumentSignature =
  | (Placed & {
      readonly kind: 'signature'
      readonly signer: Certificate
      readonly timeStamps: readonly TimeStamp[]
    })
  | (Placed & { readonly kind: 'time-stamp'; readonly timeStamp: TimeStamp })

/**
 * @throws AdesRefusal `signature-missing`, `signature-unreadable`: what cannot be read cannot be made to last
 * @throws PdfRefusal `limit-exceeded`, `malformed-structure`
 */
export async function documentSignatures(document: PdfDocument): Promise<readonly DocumentSignature[]> {
  const form = await readForm(document)
  const signatures: DocumentSignature[] = []
  for (const field of await readFields(document, form.dictionary)) {
    const dictionary = field.fieldType === 'Sig' ? await signatureOf(document, field) : undefined
    if (dictionary !== undefined) signatures.push(await readSignature(document, dictionary))
    if (signatures.length > document.limits.signatures) throw new PdfRefusal('limit-exceeded', 'signatures')
  }
  if (!signatures.some(({ kind }) => kind === 'signature')) throw new AdesRefusal('signature-missing')
  return signatures.sort((a, b) => a.end - b.end)
}

async function readSignature(document: PdfDocument, dictionary: PdfDictionary): Promise<DocumentSignature> {
  const subFilter = asName(await document.resolve(dictionary.entries.get('SubFilter'))) ?? 'no SubFilter'
  const read = READERS.get(subFilter)
  if (read === undefined) throw new AdesRefusal('signature-unreadable', subFilter)
  const contents = await document.resolve(dictionary.entries.get('Contents'))
  const end = await endOf(document, dictionary)
  if (!isString(contents)) throw new AdesRefusal('signature-unreadable', 'Contents')
  try {
    return { ...read(leadingElement(contents.bytes)), end }
  } catch (error) {
    if (error instanceof DerError) throw new AdesRefusal('signature-unreadable', error.reason)
    throw error
  }
}

async function endOf(document: PdfDocument, dictionary: PdfDictionary): Promise<number> {
  const byteRange = await document.resolve(dictionary.entries.get('ByteRange'))
  const [, , start, length] = isArray(byteRange) ? byteRange.items.map(asCount) : []
  const end = (start ?? Number.NaN) + (length ?? Number.NaN)
  if (!(end <= document.source.size)) throw new AdesRefusal('signature-unreadable', 'ByteRange')
  return end
}

type Reader = (cms: Uint8Array) => Unplaced<DocumentSignature>
type Unplaced<T> = T extends unknown ? Omit<T, 'end'> : never

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['ETSI.CAdES.detached', readCms],
  ['adbe.pkcs7.detached', readCms],
  ['ETSI.RFC3161', token => ({ kind: 'time-stamp', ...withCertificates(readTimeStamp(token)) })],
])

function withCertificates(timeStamp: TimeStamp) {
  return { timeStamp, certificates: timeStamp.certificates }
}

function readCms(cms: Uint8Array): Unplaced<DocumentSignature> {
  const signedData = parseSignedData(cms)
  const tokens = signedData.signerInfos.flatMap(signatureTimeStampsOf)
  const { certificates } = signedData
  const signer = onlySignerOf(signedData)
  return { kind: 'signature', signer, timeStamps: tokens.map(readTimeStamp), certificates }
}
