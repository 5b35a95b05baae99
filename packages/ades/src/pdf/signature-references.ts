/**
 * What a signature says about later changes: certification (DocMDP, ISO 32000-2, 12.8.2.2) and the lock of fields
 * (FieldMDP, 12.8.2.4; table 236).
 */
import type { PdfDocument } from './document.ts'
import { type FormField, signatureOf } from './form.ts'
import {
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfArray,
  pdfDictionary,
  pdfInteger,
  pdfName,
  textString,
} from './objects.ts'
import { PdfRefusal } from './refusal.ts'

/** What may still be done to a certified document without its certification being lost. */
export type Certification = keyof typeof CERTIFICATIONS

/** Table 257, P. Validation data and document time-stamps are always allowed. */
const CERTIFICATIONS = { 'no-change': 1, 'form-filling': 2, annotations: 3 } as const

/** Which fields may not be changed any more once the signature is there; names are full names. */
export type FieldLock =
  | { readonly action: 'all' }
  | { readonly action: 'include' | 'exclude'; readonly fields: readonly string[] }

const ACTIONS = { all: 'All', include: 'Include', exclude: 'Exclude' } as const

export function lockDictionary(lock: FieldLock): PdfDictionary {
  return pdfDictionary({ Type: pdfName('SigFieldLock'), ...lockEntries(lock) })
}

function lockEntries(lock: FieldLock): Readonly<Record<string, PdfObject>> {
  const action = { Action: pdfName(ACTIONS[lock.action]) }
  return lock.action === 'all' ? action : { ...action, Fields: pdfArray(lock.fields.map(textString)) }
}

/** A field with a lock is signed with FieldMDP, which is what makes readers enforce the lock (12.8.2.4). */
export function lockReference(lock: PdfDictionary, catalog: PdfReference): PdfObject {
  const entries = [...lock.entries].filter(([key]) => key === 'Action' || key === 'Fields')
  return signatureReference('FieldMDP', { ...Object.fromEntries(entries), Data: catalog })
}

export function certificationReference(certification: Certification): PdfObject {
  return signatureReference('DocMDP', { P: pdfInteger(CERTIFICATIONS[certification]) })
}

function signatureReference(
  method: string,
  { Data, ...parameters }: Readonly<Record<string, PdfObject>>,
): PdfObject {
  return pdfDictionary({
    Type: pdfName('SigRef'),
    TransformMethod: pdfName(method),
    TransformParams: pdfDictionary({ Type: pdfName('TransformParams'), V: pdfName('1.2'), ...parameters }),
    ...(Data === undefined ? {} : { Data }),
  })
}

/** 12.8.2.2.1: the certification is the first signature of its document, and the only certification. */
export async function checkMayCertify(document: PdfDocument, fields: readonly FormField[]): Promise<void> {
  if (await isSigned(document, fields)) throw new PdfRefusal('certification-not-first')
}

export async function isSigned(document: PdfDocument, fields: readonly FormField[]): Promise<boolean> {
  for (const field of fields)
    if (field.fieldType === 'Sig' && (await signatureOf(document, field)) !== undefined) return true
  return false
}
