/**
 * Puts a signature into the form: a widget on a page, invisible unless a look is given, or the empty field of a given
 * name.
 * ISO 32000-2, 12.7.5.5 (signature fields), 12.5.6.19 (widgets), 12.7.3 (form, SigFlags).
 *
 * Only objects that must change are written again: the field, and for a new one the page's annotations and
 * the form. The catalog is touched only where it holds the form itself, or names a certification.
 */
import type { PdfDocument } from './document.ts'
import { type Form, type FormField, readFields, readForm, signatureOf } from './form.ts'
import type { ChangedObject } from './incremental-update.ts'
import { ObjectChanges } from './object-changes.ts'
import {
  asCount,
  isArray,
  isReference,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  pdfDictionary,
  pdfInteger,
  pdfName,
  textString,
  withEntries,
} from './objects.ts'
import { pageOf } from './page-tree.ts'
import { checkMayShowNewField, checkPermissions } from './permissions.ts'
import { PdfRefusal } from './refusal.ts'
import {
  type Certification,
  certificationReference,
  checkMayCertify,
  type FieldLock,
  isSigned,
  lockDictionary,
  lockReference,
} from './signature-references.ts'
import { tagWidget } from './structure-tree.ts'
import {
  invisible,
  type Place,
  rectangleOf,
  timeStampLooks,
  type VisibleSignature,
  visible,
  type WidgetEntries,
} from './widget-looks.ts'

export interface SignatureWishes {
  /**
   * Full name of an empty signature field, or of one to be made; by default a new one is made with the first free
   * name of Signature1, Signature2, …
   */
  readonly fieldName?: string | undefined
  /** Certifies the document: says what may still be done to it. Only the first signature can. */
  readonly certification?: Certification | undefined
  /** Locks fields of the form. A field that brings its own lock keeps it, and takes no other. */
  readonly lock?: FieldLock | undefined
  /** Shows the signature on a page; without it a new field is invisible, and one that was there looks as it did. */
  readonly appearance?: VisibleSignature | undefined
}

export interface PlacedSignature {
  /** Object number of the signature dictionary, which the caller writes. */
  readonly signatureNumber: number
  readonly fieldName: string
  /** The Reference array of the signature dictionary, where the signature says something about later changes. */
  readonly references: readonly PdfObject[]
  /** Everything but the signature dictionary. */
  readonly changes: readonly ChangedObject[]
}

export async function placeSignature(
  document: PdfDocument,
  wishes: SignatureWishes = {},
): Promise<PlacedSignature> {
  document.security?.checkMaySign()
  const form = await readForm(document)
  const fields = await readFields(document, form.dictionary)
  const name = checkedName(wishes.fieldName ?? freeName(fields, 'Signature'))
  await checkPermissions(document, form.catalog, fields, name)
  const isNew = !fields.some(({ fullName }) => fullName === name)
  if (isNew && wishes.appearance !== undefined) await checkMayShowNewField(document, form.catalog)
  if (wishes.certification !== undefined) await checkMayCertify(document, fields)
  return new Placement(document, form, name).signature(wishes, fields)
}

/**
 * A document time-stamp, always in a field of its own. Earlier signatures do not forbid it, whatever they certify or
 * lock: ISO 32000-2, 12.8.2.2.2 lets P of 1 allow document time-stamps and the document security store.
 */
export async function placeTimeStamp(document: PdfDocument): Promise<PlacedSignature> {
  const form = await readForm(document)
  const fields = await readFields(document, form.dictionary)
  return new Placement(document, form, freeName(fields, 'TimeStamp')).timeStamp()
}

function freeName(fields: readonly FormField[], stem: string): string {
  const taken = new Set(fields.map(field => field.fullName))
  let number = 1
  while (taken.has(`${stem}${number}`)) number++
  return `${stem}${number}`
}

function checkedName(name: string): string {
  if (name === '') throw new PdfRefusal('field-name-invalid')
  return name
}

// Table 167: print (bit 3) and locked (bit 8), as PDF/A asks of every widget and signers expect.
const WIDGET_FLAGS = 4 + 128
// Table 225: signatures exist (1), the file may only be appended to (2).
const SIGNATURES_EXIST_APPEND_ONLY = 3

interface FieldWishes extends Pick<SignatureWishes, 'lock' | 'appearance'> {
  /**
   * Whether a new field goes into the structure of a tagged document. Not behind an earlier signature: what that one allows
   * is signing and filling in (12.8.2.2.2), and validators hold any change of the structure against it.
   */
  readonly mayTag?: boolean
}

/** One signature on its way into the document. */
class Placement {
  readonly #document: PdfDocument
  readonly #form: Form
  readonly #name: string
  readonly #changes: ObjectChanges
  readonly #signature: PdfReference
  readonly #references: PdfObject[] = []

  constructor(document: PdfDocument, form: Form, name: string) {
    this.#document = document
    this.#form = form
    this.#name = name
    this.#changes = new ObjectChanges(document)
    this.#signature = this.#changes.reserve()
  }

  async signature(
    { certification, lock, appearance }: SignatureWishes,
    fields: readonly FormField[],
  ): Promise<PlacedSignature> {
    const existing = fields.find(field => field.fullName === this.#name)
    const mayTag = !(await isSigned(this.#document, fields))
    if (existing === undefined) await this.#newField({ lock, appearance, mayTag })
    else await this.#existingField(existing, { lock, appearance })
    if (certification !== undefined) await this.#certify(certification)
    return this.#placed()
  }

  async timeStamp(): Promise<PlacedSignature> {
    await this.#newField({}, await timeStampLooks(this.#document, this.#form.catalog, this.#changes))
    return this.#placed()
  }

  async #placed(): Promise<PlacedSignature> {
    return {
      signatureNumber: this.#signature.number,
      fieldName: this.#name,
      references: this.#references,
      changes: await this.#changes.list(),
    }
  }

  async #existingField(field: FormField, { lock, appearance }: FieldWishes): Promise<void> {
    await checkSignable(this.#document, field)
    const own = await this.#document.dictionary(field.dictionary.entries.get('Lock'), 'Lock')
    if (own !== undefined && lock !== undefined) throw new PdfRefusal('field-constrained', 'its own lock')
    const value = { V: this.#signature, ...this.#locked(lock) }
    this.#changes.set(field.reference, withEntries(field.dictionary, value))
    if (own !== undefined) this.#references.push(lockReference(own, this.#form.catalogReference))
    if (appearance !== undefined) await this.#showExisting(field, appearance)
    await this.#setFlags()
  }

  /** Its widget is the field itself, or its only kid (12.7.4.1). */
  async #showExisting(field: FormField, appearance: VisibleSignature): Promise<void> {
    const kids = await this.#document.resolve(field.dictionary.entries.get('Kids'))
    const [kid] = isArray(kids) ? kids.items : []
    const widget = isReference(kid) ? kid : field.reference
    const { entries } = await this.#changes.current(widget)
    const rectangle = rectangleOf(await this.#document.resolve(entries.get('Rect')))
    const page = await this.#document.dictionary(entries.get('P'), 'P')
    await this.#changes.update(widget, await this.#visible(appearance, { rectangle, page }))
  }

  #visible(appearance: VisibleSignature, place: Place): Promise<WidgetEntries> {
    return visible(this.#document, this.#changes, appearance, place)
  }

  /** @param unseen  what the widget has when it is not to be seen */
  async #newField({ lock, appearance, mayTag }: FieldWishes, unseen?: WidgetEntries): Promise<void> {
    if (this.#name.includes('.')) throw new PdfRefusal('field-name-invalid')
    const page = await pageOf(this.#document, this.#form.catalog, appearance?.page ?? 1)
    const widget = this.#changes.reserve()
    const { rectangle } = appearance ?? {}
    const looks = appearance
      ? await this.#visible(appearance, { rectangle, page: page.dictionary })
      : (unseen ?? invisible(this.#changes))
    this.#changes.set(widget, this.#widget(page.reference, { ...looks, ...this.#locked(lock) }))
    await this.#changes.append(page.reference, 'Annots', widget)
    await this.#appendField(widget)
    if (appearance !== undefined && mayTag) await this.#tag(widget, page.reference, appearance)
    await this.#setFlags()
  }

  async #tag(widget: PdfReference, page: PdfReference, { description, text }: VisibleSignature) {
    const said = description ?? text ?? this.#name
    const tagged = { widget, page, description: said }
    const entries = await tagWidget(this.#document, this.#changes, this.#form.catalog, tagged)
    await this.#changes.update(widget, entries)
  }

  /** Field and widget in one dictionary (12.7.4.1). */
  #widget(page: PdfReference, entries: WidgetEntries): PdfDictionary {
    return pdfDictionary({
      Type: pdfName('Annot'),
      Subtype: pdfName('Widget'),
      FT: pdfName('Sig'),
      T: textString(this.#name),
      V: this.#signature,
      F: pdfInteger(WIDGET_FLAGS),
      P: page,
      ...entries,
    })
  }

  /** The entry of the field, and the reference that makes readers enforce it. */
  #locked(lock: FieldLock | undefined): WidgetEntries {
    if (lock === undefined) return {}
    const dictionary = lockDictionary(lock)
    this.#references.push(lockReference(dictionary, this.#form.catalogReference))
    return { Lock: dictionary }
  }

  /** 12.8.6: Perms names the certification, wherever its field may be. */
  async #certify(certification: Certification): Promise<void> {
    const { catalog, catalogReference } = this.#form
    const permissions = await this.#document.dictionary(catalog.entries.get('Perms'), 'Perms')
    const certified = withEntries(permissions ?? pdfDictionary({}), { DocMDP: this.#signature })
    await this.#changes.update(catalogReference, { Perms: certified })
    this.#references.push(certificationReference(certification))
  }

  /** A form that stands in the catalog is written with it. */
  async #appendField(widget: PdfReference): Promise<void> {
    const { reference, dictionary, catalogReference } = this.#form
    if (reference !== undefined) return this.#changes.append(reference, 'Fields', widget)
    const fields = dictionary.entries.get('Fields')
    if (isReference(fields)) return this.#changes.appendTo(fields, widget)
    const list = await this.#changes.grown(fields, widget)
    await this.#changes.update(catalogReference, { AcroForm: withEntries(dictionary, { Fields: list }) })
  }

  async #setFlags(): Promise<void> {
    const { reference, catalogReference } = this.#form
    const form = await this.#currentForm()
    const before = asCount(form.entries.get('SigFlags')) ?? 0
    const flags = { SigFlags: pdfInteger(before | SIGNATURES_EXIST_APPEND_ONLY) }
    if (before === flags.SigFlags.value) return
    if (reference !== undefined) await this.#changes.update(reference, flags)
    else await this.#changes.update(catalogReference, { AcroForm: withEntries(form, flags) })
  }

  async #currentForm(): Promise<PdfDictionary> {
    const { reference, catalogReference, dictionary } = this.#form
    const owner = await this.#changes.current(reference ?? catalogReference)
    if (reference !== undefined) return owner
    const form = owner.entries.get('AcroForm')
    return (await this.#document.dictionary(form, 'AcroForm')) ?? dictionary
  }
}

async function checkSignable(document: PdfDocument, field: FormField): Promise<void> {
  if (field.fieldType !== 'Sig') throw new PdfRefusal('field-not-a-signature')
  if ((await signatureOf(document, field)) !== undefined) throw new PdfRefusal('field-already-signed')
  // Table 237: Ff says which of the seed values bind the signer; we cannot promise to heed them.
  const seed = await document.dictionary(field.dictionary.entries.get('SV'), 'SV')
  const binding = asCount(await document.resolve(seed?.entries.get('Ff')))
  if (seed !== undefined && binding !== undefined && binding !== 0) throw new PdfRefusal('field-constrained')
}
