/**
 * Why a PDF is not signed: one table of codes with a sentence each.
 *
 * A file is refused, never repaired. Readers that repair differ in how they do it, so a repaired file could
 * show one thing to its signer and another to its reader while the signature holds for both.
 */
import { TypedRefusal } from '../typed-refusal.ts'

/** Every reason, with the sentence an edge may show. The key is the code. */
export const PDF_REFUSALS = {
  'not-a-pdf': 'The file does not begin with a PDF header.',
  'broken-xref': 'The cross-reference information does not describe the file.',
  'malformed-structure': 'An object that is needed for signing is not written as ISO 32000 demands.',
  'unsupported-compression':
    'An object that is needed for signing is compressed in a way that is not supported.',
  encrypted: 'The document is encrypted.',
  'password-wrong': 'The password does not open the document.',
  'encryption-unsupported': 'The document is encrypted in a way that is not supported.',
  'encryption-weak': 'The document is encrypted with RC4; nothing new is encrypted with that.',
  'encryption-forbids': 'The password that was given does not allow to sign the document; its owner’s does.',
  'limit-exceeded': 'The document exceeds a limit on size, count or depth.',
  'certified-against-change': 'An earlier signature forbids any further change to the document.',
  'certified-field-needed':
    'The document is certified: only a field that was there before can be signed visibly.',
  'certification-not-first': 'Only the first signature of a document can certify it.',
  'field-locked': 'An earlier signature locked the signature field.',
  'field-already-signed': 'The signature field already holds a signature.',
  'field-not-a-signature': 'The form field of that name is not a signature field.',
  'field-constrained': 'The signature field demands conditions of its signer that cannot be checked.',
  'field-name-invalid': 'The field name is empty or contains a full stop.',
  'page-missing': 'The document has no page of that number.',
  'rectangle-invalid': 'A visible signature needs a rectangle with an area.',
  'font-unsupported':
    'The font for a visible signature is not one that can be read: TrueType outlines, in a file or a collection.',
  'font-not-embeddable': 'The font for a visible signature forbids to embed parts of it.',
  'glyph-missing': 'The font for a visible signature has no glyph for a character of its text.',
  'image-unsupported':
    'The image for a visible signature is not one that can be drawn: PNG of 8 bits a sample, or JPEG, in gray or color.',
  'appearance-too-small': 'What a visible signature shows does not fit into its rectangle.',
  'signature-space-exceeded': 'The finished signature does not fit into the space reserved for it.',
  'time-stamp-missing': 'The signature was prepared for a time-stamp and none was given.',
  'no-prepared-signature': 'The file does not end in exactly one prepared signature that covers all of it.',
  'signed-attributes-malformed': 'The signed attributes are not those of a PAdES baseline signature.',
} as const satisfies Readonly<Record<string, string>>

export type PdfRefusalCode = keyof typeof PDF_REFUSALS

/** An expected "no" about a document. */
export class PdfRefusal extends TypedRefusal<PdfRefusalCode> {
  override readonly name = 'PdfRefusal'

  constructor(code: PdfRefusalCode, detail?: string, options?: ErrorOptions) {
    super(PDF_REFUSALS, code, detail, options)
  }
}
