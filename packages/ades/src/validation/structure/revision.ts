/**
 * One revision of a document as a graph of objects, for the verifier's own use: small, strict, and sharing nothing
 * with the reader that signs, so that a mistake of one is not a mistake of both.
 */
import type { ByteSource } from '../../pdf/byte-source.ts'
import { malformed } from '../tokens.ts'
import { type Decryption, openDecryption } from './decryption.ts'
import { decoded } from './inflate.ts'
import { type ObjectText, objectAt } from './object-text.ts'
import { type Place, readSections, type Sections } from './sections.ts'
import { countOf, type Dictionary, NULL, type Value, valueAt } from './value.ts'
import { revisionSource } from './window-source.ts'

export type ObjectValue = Pick<ObjectText, 'value' | 'dataAt'>

const NOTHING: ObjectValue = { value: NULL, dataAt: undefined }

/** Opens a revision of a document by where it ends. */
export type OpenRevision = (end: number) => Promise<Revision>

/**
 * The revisions of a document.
 *
 * @param password  of an encrypted document
 * @returns what throws ValidationEnded: FORMAT_FAILURE where a revision is malformed, GENERIC where it is encrypted and the
 *   password does not open it
 */
export function revisionsOf(source: ByteSource, password?: string): OpenRevision {
  return async end => {
    const own = revisionSource(source, end)
    const sections = await readSections(own)
    const revision = new Revision(own, sections)
    const { entries } = sections.trailer
    const encrypt = entries.get('/Encrypt')
    if (encrypt === undefined) return revision
    const dictionary = await revision.dictionary(encrypt)
    if (dictionary === undefined) throw malformed('Encrypt')
    const decryption = await openDecryption(dictionary, await revision.resolve(entries.get('/ID')), password)
    return new Revision(own, sections, decryption)
  }
}

export class Revision {
  readonly sections: Sections
  readonly #source: ByteSource
  readonly #decryption: Decryption | undefined
  readonly #containers = new Map<number, Promise<readonly PackedObject[]>>()

  constructor(source: ByteSource, sections: Sections, decryption?: Decryption) {
    this.#source = source
    this.sections = sections
    this.#decryption = decryption
  }

  place(number: number): Place {
    return this.sections.places.get(number) ?? { kind: 'free' }
  }

  async object(number: number): Promise<ObjectValue> {
    const place = this.place(number)
    if (place.kind === 'free') return NOTHING
    if (place.kind === 'packed') return this.#packed(number, place)
    const found = await objectAt(this.#source, place.offset)
    if (found.number !== number || found.generation !== place.generation) throw malformed(`object ${number}`)
    return found
  }

  /**
   * The object with its strings as they are meant. What stands in an object stream is encrypted with that, and the
   * encryption dictionary itself not at all (7.6.2).
   */
  async clearObject(number: number): Promise<ObjectValue> {
    const place = this.place(number)
    const found = await this.object(number)
    const encrypt = this.sections.trailer.entries.get('/Encrypt')
    const isEncrypt = encrypt?.kind === 'reference' && encrypt.number === number
    if (this.#decryption === undefined || place.kind !== 'offset' || isEncrypt) return found
    const { generation } = place
    return { ...found, value: await this.#decryption.value(found.value, { number, generation }) }
  }

  /** The value behind a reference, or the value itself. */
  async resolve(value: Value | undefined): Promise<Value> {
    if (value?.kind !== 'reference') return value ?? NULL
    const place = this.place(value.number)
    const generation = place.kind === 'offset' ? place.generation : 0
    return generation === value.generation ? (await this.object(value.number)).value : NULL
  }

  /** The dictionary there, whether it belongs to a stream or not; `undefined` for everything else. */
  async dictionary(value: Value | undefined): Promise<Dictionary | undefined> {
    const found = await this.resolve(value)
    return found.kind === 'dictionary' ? found : undefined
  }

  /** The decoded data of a stream; `undefined` where there is none. */
  async data(value: Value): Promise<Uint8Array | undefined> {
    if (value.kind !== 'reference') return undefined
    const { value: dictionary, dataAt } = await this.object(value.number)
    if (dictionary.kind !== 'dictionary' || dataAt === undefined) return undefined
    const length = countOf(await this.resolve(dictionary.entries.get('/Length'))) ?? Number.NaN
    if (!(dataAt + length <= this.#source.size)) throw malformed('length of a stream')
    const data = (await this.#source.read(dataAt, length)).slice()
    return decoded(dictionary, (await this.#decryption?.data(data, value)) ?? data)
  }

  async #packed(number: number, place: Extract<Place, { kind: 'packed' }>): Promise<ObjectValue> {
    const container = this.#containers.get(place.container) ?? this.#open(place.container)
    this.#containers.set(place.container, container)
    const found = (await container)[place.index]
    if (found?.number !== number) throw malformed(`object ${number}`)
    return { value: found.value, dataAt: undefined }
  }

  /** 7.5.7. A container is never in another one. */
  async #open(number: number): Promise<readonly PackedObject[]> {
    const place = this.place(number)
    if (place.kind !== 'offset') throw malformed('object stream')
    const reference = { kind: 'reference', number, generation: place.generation } as const
    const dictionary = await this.dictionary(reference)
    const data = await this.data(reference)
    if (dictionary === undefined || data === undefined) throw malformed('object stream')
    return [...packedObjects(dictionary, new TextDecoder('latin1').decode(data))]
  }
}

interface PackedObject {
  readonly number: number
  readonly value: Value
}

function* packedObjects({ entries }: Dictionary, text: string): Generator<PackedObject> {
  const [count, first] = ['/N', '/First'].map(key => countOf(entries.get(key)))
  if (count === undefined || first === undefined || first > text.length) throw malformed('object stream')
  const numbers = text
    .slice(0, first)
    .trim()
    .split(/[\0\t\n\f\r ]+/)
    .map(Number)
  if (numbers.length < 2 * count || !numbers.every(Number.isSafeInteger)) throw malformed('object stream')
  for (let i = 0; i < count; i++) {
    yield { number: numbers[2 * i] ?? 0, value: valueAt(text, first + (numbers[2 * i + 1] ?? 0)).value }
  }
}
