/** The members of a prepared signature that was written down as JSON; bytes are base64url. */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { fromBase64url } from '@natsuin/pki/encoding'

/** Each reader throws a RangeError where the member is not what it reads. */
export class JsonMembers {
  readonly #members: ReadonlyMap<string, unknown>

  /** @throws SyntaxError when the text is not JSON */
  constructor(text: string) {
    this.#members = new Map<string, unknown>(Object.entries(Object(JSON.parse(text))))
  }

  has(name: string): boolean {
    return this.#members.has(name)
  }

  bytes(name: string): Uint8Array {
    return bytes(this.#members.get(name))
  }

  listOfBytes(name: string): readonly Uint8Array[] {
    return this.#list(name).map(bytes)
  }

  counts(name: string): readonly number[] {
    return this.#list(name).map(count)
  }

  count(name: string): number {
    return count(this.#members.get(name))
  }

  text(name: string): string {
    return text(this.#members.get(name))
  }

  flag(name: string): boolean {
    return this.#members.get(name) === true
  }

  algorithm(name: string): SignatureAlgorithm {
    const names = Object.keys(signatureAlgorithms)
    const value = this.text(name)
    // Object.keys forgets the literal type of the table's keys.
    return names.includes(value) ? (value as SignatureAlgorithm) : invalid('a signature algorithm')
  }

  #list(name: string): readonly unknown[] {
    const value = this.#members.get(name)
    return Array.isArray(value) ? value : invalid('a list')
  }
}

function bytes(value: unknown): Uint8Array {
  return fromBase64url(text(value)) ?? invalid('base64url')
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : invalid('a string')
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : invalid('a count')
}

export function invalid(expected: string): never {
  throw new RangeError(`a prepared signature: ${expected} was expected`)
}
