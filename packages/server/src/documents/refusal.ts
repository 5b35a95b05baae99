/**
 * Why a document is not signed: one table of codes, and what the library refuses said with them.
 *
 * The work is done in a thread, and an error that leaves it is only a message with members: so this one is a value that can
 * be made again on the other side.
 */
import { ZipRefusal } from '@natsuin/ades/asic'
import { PdfRefusal } from '@natsuin/ades/pdf'
import { AdesRefusal, type AdesRefusalCode } from '@natsuin/ades/validation-data'
import { XmlRefusal } from '@natsuin/ades/xml'
import { DerError } from '@natsuin/pki/asn1'

export const DOCUMENT_REFUSALS = [
  /** It is none of those that the signer approved. */
  'document-not-approved',
  /** The approval was for fewer, or for another credential. */
  'documents-not-covered',
  /** The document is not one of this format, or forbids what was asked for. */
  'document-unfit',
  /** The format holds a document in memory, and this one is too long for that. */
  'document-too-long',
  /** It takes more time or memory than one document may. */
  'document-too-much-work',
  'signed-props-invalid',
  'envelope-unfit',
  'authorities-unavailable',
  /** They answer, and what they say cannot be relied on: asking again does not mend it. */
  'authorities-unfit',
  'signing-certificate-revoked',
  'signing-certificate-expired',
] as const

export type DocumentRefusalCode = (typeof DOCUMENT_REFUSALS)[number]

export class DocumentRefused extends Error {
  override readonly name = 'DocumentRefused'
  readonly code: DocumentRefusalCode
  /** A code of the library, or names of attributes; never content of a document. */
  readonly detail: string

  constructor(code: DocumentRefusalCode, detail = '', options?: ErrorOptions) {
    super(`${code} ${detail}`, options)
    this.code = code
    this.detail = detail
  }
}

/** What came out of the thread; undefined for a fault. */
export function refusalAcross(error: unknown): DocumentRefused | undefined {
  const { name, code, detail } = Object(error) as Partial<DocumentRefused>
  if (name !== 'DocumentRefused' || code === undefined) return undefined
  return new DocumentRefused(code, detail, { cause: error })
}

/** What the library said, in our words; what is no refusal goes on as it is. */
export function inOurWords(error: unknown): unknown {
  if (error instanceof AdesRefusal)
    return new DocumentRefused(codeOf(error.code), error.code, { cause: error })
  const isAboutDocument = [PdfRefusal, XmlRefusal, ZipRefusal].some(kind => error instanceof kind)
  if (!isAboutDocument) return error
  const { code } = error as PdfRefusal
  if (code === 'certification-not-first') return new DocumentRefused('envelope-unfit', '', { cause: error })
  return new DocumentRefused('document-unfit', code, { cause: error })
}

const OF_ADES: Partial<Record<AdesRefusalCode, DocumentRefusalCode>> = {
  'certificate-revoked': 'signing-certificate-revoked',
  'certificate-expired': 'signing-certificate-expired',
  'no-path': 'authorities-unfit',
  'status-unavailable': 'authorities-unavailable',
  'status-invalid': 'authorities-unfit',
  'time-stamp-unavailable': 'authorities-unavailable',
  'time-stamp-invalid': 'authorities-unfit',
  'exchange-forbidden': 'authorities-unavailable',
  'exchange-failed': 'authorities-unavailable',
  'exchange-exhausted': 'authorities-unavailable',
}

const codeOf = (code: AdesRefusalCode): DocumentRefusalCode => OF_ADES[code] ?? 'document-unfit'

/** Runs it on what a client sent: what cannot be read is refused, and is not a fault. */
export function readingProperty<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError || error instanceof RangeError || error instanceof XmlRefusal) {
      throw new DocumentRefused('signed-props-invalid', name, { cause: error })
    }
    throw error
  }
}
