/**
 * What may follow a signature without changing what was signed: the document security store and document
 * time-stamps (ISO 32000-2, 12.8.2.2.2), and nothing else. Every other change could change what a reader sees.
 *
 * Unlike the check of the signature itself this follows the file's structure. Two revisions are compared object by
 * object; an object that was there may change in the ways listed here alone, and one that was not there must not have
 * been referred to.
 */
import { referencesIn } from './references.ts'
import type { ObjectValue, OpenRevision, Revision } from './structure/revision.ts'
import { countOf, type Dictionary, isSame, type Value } from './structure/value.ts'
import { ValidationEnded } from './verdict.ts'

/** @throws ValidationEnded FORMAT_FAILURE with what else was changed between the two revisions */
export async function checkLaterChanges(open: OpenRevision, before: number, after: number): Promise<void> {
  const older = await open(before)
  await new Comparison(older, await open(after)).run()
}

function changed(what: string): ValidationEnded {
  return new ValidationEnded('FORMAT_FAILURE', `changed after it was signed: ${what}`)
}

class Comparison {
  readonly #older: Revision
  readonly #newer: Revision

  constructor(older: Revision, newer: Revision) {
    this.#older = older
    this.#newer = newer
  }

  async run(): Promise<void> {
    const [older, newer] = [this.#older.sections, this.#newer.sections]
    // Whatever stands there then is not even an update.
    if (older.newestAt === newer.newestAt) throw changed('bytes behind its end')
    for (const key of ['/Root', '/Info', '/Encrypt'])
      if (!isSame(older.trailer.entries.get(key), newer.trailer.entries.get(key))) throw changed(key)
    const numbers = this.#changedNumbers()
    const references = await referencesIn(this.#older, numbers)
    for (const number of numbers) await this.#checkObject(number, references.get(number))
  }

  /** Objects that are elsewhere now, or were nowhere. */
  #changedNumbers(): ReadonlySet<number> {
    const all = new Set([...this.#older.sections.places.keys(), ...this.#newer.sections.places.keys()])
    const places = (number: number) =>
      [this.#older, this.#newer].map(one => JSON.stringify(one.place(number)))
    return new Set([...all].filter(number => new Set(places(number)).size > 1))
  }

  async #checkObject(number: number, referrers: ReadonlySet<number> = new Set()): Promise<void> {
    if (this.#older.place(number).kind !== 'free') return this.#checkChange(number, referrers)
    if (referrers.size > 0) throw changed(`object ${number} was missing`)
  }

  async #checkChange(number: number, referrers: ReadonlySet<number>): Promise<void> {
    const older = await this.#older.clearObject(number)
    const newer = await this.#newer.clearObject(number)
    if (isStream(older) || isStream(newer)) throw changed(`object ${number}`)
    if (await this.#hasGrown(older.value, newer.value)) return
    if (older.value.kind !== 'dictionary' || newer.value.kind !== 'dictionary')
      throw changed(`object ${number}`)
    if (await this.#isStore(number, newer.value, referrers)) return
    const key = await this.#wrongEntry(older.value, newer.value)
    if (key !== undefined) throw changed(`${key} of object ${number}`)
  }

  /** An entry that changed otherwise than it may. */
  async #wrongEntry(older: Dictionary | undefined, newer: Dictionary): Promise<string | undefined> {
    const was = older?.entries ?? new Map<string, Value>()
    for (const key of new Set([...was.keys(), ...newer.entries.keys()])) {
      const [before, after] = [was.get(key), newer.entries.get(key)]
      if (!isSame(before, after) && !(await this.#mayChange(key, before, after))) return key
    }
    return undefined
  }

  async #mayChange(key: string, was: Value | undefined, is: Value | undefined): Promise<boolean> {
    if (key === '/SigFlags') return countOf(is) !== undefined
    if (key === '/DSS') return was?.kind !== 'reference' && (await this.#newer.dictionary(is)) !== undefined
    if (key === '/AcroForm') return this.#isForm(was, is)
    const mayGrow = key === '/Fields' || key === '/Annots'
    return mayGrow && this.#hasGrown(await this.#older.resolve(was), await this.#newer.resolve(is), was)
  }

  /** A form that stands in the catalog, or that there was not. */
  async #isForm(was: Value | undefined, is: Value | undefined): Promise<boolean> {
    const newer = await this.#newer.dictionary(is)
    if (was?.kind === 'reference' || newer === undefined) return false
    const key = await this.#wrongEntry(was?.kind === 'dictionary' ? was : undefined, newer)
    return (
      key === undefined && (was !== undefined || [...newer.entries.keys()].every(name => FORM_KEYS.has(name)))
    )
  }

  /** The same list with fields of document time-stamps behind it; a list that there was not was empty. */
  async #hasGrown(older: Value, newer: Value, entry: Value | undefined = older): Promise<boolean> {
    if (newer.kind !== 'list' || (older.kind !== 'list' && entry !== undefined)) return false
    const was = older.kind === 'list' ? older.items : []
    const [kept, added] = [newer.items.slice(0, was.length), newer.items.slice(was.length)]
    if (kept.length < was.length || !kept.every((item, i) => isSame(item, was[i]))) return false
    for (const item of added) if (!(await this.#isTimeStampField(item))) return false
    return true
  }

  async #isTimeStampField(item: Value): Promise<boolean> {
    if (item.kind !== 'reference' || this.#older.place(item.number).kind !== 'free') return false
    const field = await this.#newer.dictionary(item)
    if (![...(field?.entries.keys() ?? [])].every(key => FIELD_KEYS.has(key))) return false
    const signature = await this.#newer.dictionary(field?.entries.get('/V'))
    const isStamp = isAtom(field, '/FT', '/Sig') && isAtom(signature, '/Type', '/DocTimeStamp')
    return isStamp && isWithoutArea(await this.#newer.resolve(field?.entries.get('/Rect')))
  }

  /** The store itself: only a store, and used as nothing else. */
  async #isStore(number: number, newer: Dictionary, referrers: ReadonlySet<number>): Promise<boolean> {
    const root = this.#older.sections.trailer.entries.get('/Root')
    const store = (await this.#older.dictionary(root))?.entries.get('/DSS')
    const isIt = store?.kind === 'reference' && store.number === number
    const onlyThere = root?.kind === 'reference' && [...referrers].every(one => one === root.number)
    return isIt && onlyThere && [...newer.entries.keys()].every(key => STORE_KEYS.has(key))
  }
}

/** What a field without area may say; no action is among it. */
const FIELD_KEYS: ReadonlySet<string> = new Set([
  ...['/Type', '/Subtype', '/FT', '/T', '/V', '/F', '/Ff', '/Rect', '/P', '/AP'],
])
const FORM_KEYS: ReadonlySet<string> = new Set(['/Fields', '/SigFlags'])
/** EN 319 142-1 V1.2.1, 5.4.2.2. */
const STORE_KEYS: ReadonlySet<string> = new Set(['/Type', '/VRI', '/Certs', '/OCSPs', '/CRLs'])

const isStream = ({ dataAt }: ObjectValue) => dataAt !== undefined

function isAtom(dictionary: Dictionary | undefined, key: string, text: string): boolean {
  const value = dictionary?.entries.get(key)
  return value?.kind === 'atom' && value.text === text
}

/** ISO 32000-2, 12.7.5.5: such a field is not shown, whatever appearance it has. */
function isWithoutArea(rectangle: Value): boolean {
  const [left, bottom, right, top, ...others] = rectangle.kind === 'list' ? rectangle.items : []
  return top !== undefined && others.length === 0 && isSame(left, right) && isSame(bottom, top)
}
