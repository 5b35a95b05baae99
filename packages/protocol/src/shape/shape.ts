/**
 * Shapes: what a message must look like, checked while it becomes typed.
 *
 * A shape is a function from an unknown value to a typed one that throws `ShapeError` at the first deviation:
 * wrong type, missing member, unknown member, out of bounds. It is small because the SAM runs it, and the SAM
 * depends on next to nothing.
 */
import { fromBase64url } from '@natsuin/pki/encoding'

export type Shape<T> = (value: unknown, path?: string) => T
export type Shaped<S> = S extends Shape<infer T> ? T : never

/** The value does not have the shape; `path` says where, never what the value was. */
export class ShapeError extends Error {
  readonly code = 'malformed'
  readonly path: string

  constructor(path: string, expected: string) {
    super(`${path || 'message'}: expected ${expected}`)
    this.path = path
  }
}

export function text(limits: { min?: number; max: number; pattern?: RegExp }): Shape<string> {
  const { min = 1, max, pattern } = limits
  return (value, path = '') => {
    if (typeof value !== 'string') throw new ShapeError(path, 'a string')
    if (value.length < min || value.length > max) throw new ShapeError(path, `${min} to ${max} characters`)
    if (pattern !== undefined && !pattern.test(value)) throw new ShapeError(path, `the form ${pattern}`)
    return value
  }
}

export function integer(limits: { min: number; max: number }): Shape<number> {
  return (value, path = '') => {
    const fits = typeof value === 'number' && Number.isSafeInteger(value)
    if (!fits || value < limits.min || value > limits.max) {
      throw new ShapeError(path, `an integer from ${limits.min} to ${limits.max}`)
    }
    return value
  }
}

export const flag: Shape<boolean> = (value, path = '') => {
  if (typeof value !== 'boolean') throw new ShapeError(path, 'true or false')
  return value
}

/** Exactly one of these strings or numbers. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  return (value, path = '') => {
    const found = values.find(candidate => candidate === value)
    if (found === undefined) throw new ShapeError(path, `one of ${values.join(', ')}`)
    return found
  }
}

/** Bytes spelled in unpadded base64url. */
export function base64url(limits: { min?: number; max: number }): Shape<Uint8Array> {
  const { min = 1, max } = limits
  return (value, path = '') => {
    const decoded = typeof value === 'string' && value.length <= 2 * max ? fromBase64url(value) : undefined
    if (decoded === undefined) throw new ShapeError(path, 'base64url')
    if (decoded.length < min || decoded.length > max) throw new ShapeError(path, `${min} to ${max} bytes`)
    return decoded
  }
}

export function list<T>(item: Shape<T>, limits: { min?: number; max: number }): Shape<readonly T[]> {
  const { min = 0, max } = limits
  return (value, path = '') => {
    if (!Array.isArray(value)) throw new ShapeError(path, 'an array')
    if (value.length < min || value.length > max) throw new ShapeError(path, `${min} to ${max} elements`)
    return value.map((element, i) => item(element, `${path}[${i}]`))
  }
}

/** Marks a member that may be absent. It may not be null. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { optional: shape }
}

/** An object with exactly these members. */
export function record<M extends Members>(members: M): Shape<ShapedRecord<M>> {
  return (value, path = '') => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ShapeError(path, 'an object')
    refuseUnknown(value, members, path)
    const shaped: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(members)) shapeMember(shaped, value, name, member, path)
    return shaped as ShapedRecord<M> // each member was shaped by its own shape just above
  }
}

/** An object that is one of several records, told apart by one member. */
export function variant<V extends Record<string, Shape<unknown>>>(
  member: string,
  variants: V,
): Shape<Shaped<V[keyof V]>> {
  return (value, path = '') => {
    const name = (value as Record<string, unknown> | null)?.[member]
    const shape = typeof name === 'string' && Object.hasOwn(variants, name) ? variants[name] : undefined
    if (shape === undefined)
      throw new ShapeError(`${path}.${member}`, `one of ${Object.keys(variants).join(', ')}`)
    return shape(value, path) as Shaped<V[keyof V]> // the variant chosen is one of V
  }
}

interface OptionalShape<T> {
  readonly optional: Shape<T>
}
type Member = Shape<unknown> | OptionalShape<unknown>
type Members = Readonly<Record<string, Member>>
type ShapedRecord<M extends Members> = {
  readonly [K in keyof M as M[K] extends OptionalShape<unknown> ? never : K]: Shaped<M[K]>
} & {
  readonly [K in keyof M as M[K] extends OptionalShape<unknown> ? K : never]?: M[K] extends OptionalShape<
    infer T
  >
    ? T
    : never
}

function refuseUnknown(value: object, members: Members, path: string): void {
  const unknown = Object.keys(value).find(name => !Object.hasOwn(members, name))
  if (unknown !== undefined) throw new ShapeError(path, 'no other members')
}

function shapeMember(
  shaped: Record<string, unknown>,
  value: object,
  name: string,
  member: Member,
  path: string,
): void {
  const at = path === '' ? name : `${path}.${name}`
  const present = Object.hasOwn(value, name)
  const given = present ? (value as Record<string, unknown>)[name] : undefined
  if (typeof member === 'function') shaped[name] = member(given, at)
  else if (present) shaped[name] = member.optional(given, at)
}
