/**
 * Forms: what requests and answers of the CSC API look like, declared once.
 *
 * From one declaration come the JSON Schema (2020-12) that OpenAPI prints, the type that handlers and clients use, the
 * reading of requests and the writing of answers, for v1 and for v2. Members have their v2 names inside; where v1 spells
 * one otherwise, has not got it or demands it, the declaration says so.
 *
 * Not `protocol/shape`, which refuses unknown members and knows no null: CSC ignores the ones and takes the other for
 * absent, and says for each member in its own words what is wrong with it. Those words are the server's.
 */
import { type Edition, editionOf, isSince, type Specs } from './edition.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type JsonSchema = { readonly [keyword: string]: Json }

export interface Form<T> {
  schema(edition: Edition): JsonSchema
  fits(value: unknown, edition: Edition): value is T
  /** What a client of these specs is told of a value that fits. */
  written(value: T, specs: Specs): unknown
}

export type Formed<F> = F extends Form<infer T> ? T : never

function plain<T>(schema: JsonSchema, fits: (value: unknown) => value is T): Form<T> {
  return { schema: () => schema, fits: (value): value is T => fits(value), written: value => value }
}

export function text(
  limits: { min?: number; max?: number; pattern?: RegExp; format?: string } = {},
): Form<string> {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern, format } = limits
  const schema = {
    type: 'string',
    ...(limits.min !== undefined && { minLength: min }),
    ...(limits.max !== undefined && { maxLength: max }),
    ...(pattern !== undefined && { pattern: pattern.source }),
    ...(format !== undefined && { format }),
  }
  return plain(
    schema,
    (value): value is string =>
      typeof value === 'string' &&
      value.length >= min &&
      value.length <= max &&
      (pattern === undefined || pattern.test(value)),
  )
}

export const flag: Form<boolean> = plain(
  { type: 'boolean' },
  (value): value is boolean => typeof value === 'boolean',
)

export function integer(limits: { min?: number; max?: number } = {}): Form<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = limits
  const schema = {
    type: 'integer',
    ...(limits.min !== undefined && { minimum: min }),
    ...(limits.max !== undefined && { maximum: max }),
  }
  return plain(
    schema,
    (value): value is number => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  )
}

export function oneOf<const T extends string>(...words: readonly T[]): Form<T> {
  return plain({ enum: words }, (value): value is T => words.some(word => word === value))
}

/** Null where there is nothing to say in a place that counts. */
export function orNull<T>(form: Form<T>): Form<T | null> {
  return {
    schema: edition => ({ anyOf: [form.schema(edition), { type: 'null' }] }),
    fits: (value, edition): value is T | null => value === null || form.fits(value, edition),
    written: (value, specs) => (value === null ? null : form.written(value, specs)),
  }
}

export function list<T>(item: Form<T>, limits: { min?: number; max?: number } = {}): Form<readonly T[]> {
  const { min = 0, max = Number.POSITIVE_INFINITY } = limits
  return {
    schema: edition => ({
      type: 'array',
      items: item.schema(edition),
      ...(limits.min !== undefined && { minItems: min }),
      ...(limits.max !== undefined && { maxItems: max }),
    }),
    fits: (value, edition): value is readonly T[] =>
      Array.isArray(value) &&
      value.length >= min &&
      value.length <= max &&
      value.every(one => item.fits(one, edition)),
    written: (value, specs) => value.map(one => item.written(one, specs)),
  }
}

/** Never wrong: what does not have the form is for the handler to judge, or to leave alone. */
export function lenient(form: Form<unknown>): Form<unknown> {
  return { ...form, fits: (value): value is unknown => value !== undefined }
}

// ——— Objects

export type Place = 'required' | 'optional' | 'absent'

/** One member: its form, and where it is. */
export interface Member<T = unknown> {
  readonly form: Form<T>
  readonly v1: Place
  readonly v2: Place
  /** How v1 spells it, where that is not how v2 does. */
  readonly v1Name?: string
  /** The first specs that have it. */
  readonly since?: Specs
}

export type Members = Readonly<Record<string, Member>>

export function required<T>(form: Form<T>) {
  return { form, v1: 'required', v2: 'required' } as const
}

export function optional<T>(form: Form<T>) {
  return { form, v1: 'optional', v2: 'optional' } as const
}

export const onlyV1 = <M extends Member>(member: M) => changed(member, { v2: 'absent' })
export const onlyV2 = <M extends Member>(member: M) => changed(member, { v1: 'absent' })
export const requiredInV1 = <M extends Member>(member: M) => changed(member, { v1: 'required' })
export const asV1Says = <const N extends string, M extends Member>(v1Name: N, member: M) =>
  changed(member, { v1Name })
export const from = <const S extends Specs, M extends Member>(since: S, member: M) =>
  changed(member, { v1: 'absent', since })

type Changed<M, C> = Omit<M, keyof C> & C

function changed<M extends Member, const C extends Partial<Member>>(member: M, changes: C): Changed<M, C> {
  return { ...member, ...changes }
}

type TypeOf<M> = M extends { readonly form: Form<infer T> } ? T : never
type Always = { readonly v1: 'required'; readonly v2: 'required' }
type Flat<T> = { readonly [K in keyof T]: T[K] }

/** As handlers have it: by v2 names, and optional as soon as one edition can do without. */
export type ObjectOf<M> = Flat<
  { [K in keyof M as M[K] extends Always ? K : never]: TypeOf<M[K]> } & {
    [K in keyof M as M[K] extends Always ? never : K]?: TypeOf<M[K]>
  }
>

type NameIn<E, K, M> = E extends 'v1' ? (M extends { readonly v1Name: infer N extends string } ? N : K) : K
type PlacedIn<M, E extends Edition, P extends Place, K> = M extends { readonly [X in E]: P }
  ? NameIn<E, K, M> & PropertyKey
  : never

/** As clients of one edition have it. */
export type InEdition<F, E extends Edition> = F extends { readonly members: infer M }
  ? Flat<
      { [K in keyof M as PlacedIn<M[K], E, 'required', K>]: TypeOf<M[K]> } & {
        [K in keyof M as PlacedIn<M[K], E, 'optional', K>]?: TypeOf<M[K]>
      }
    >
  : never

/** A member as one edition has it. */
export interface MemberInEdition {
  /** What handlers call it. */
  readonly key: string
  readonly name: string
  readonly isRequired: boolean
  readonly form: Form<unknown>
  readonly since?: Specs
}

export interface ObjectForm<M extends Members = Members> extends Form<ObjectOf<M>> {
  readonly members: M
  in(edition: Edition): readonly MemberInEdition[]
}

/** An object; members that are not declared are let be, and those that are null are absent. */
export function object<M extends Members>(members: M): ObjectForm<M> {
  const byEdition = { v1: membersIn(members, 'v1'), v2: membersIn(members, 'v2') }
  return {
    members,
    in: edition => byEdition[edition],
    schema: edition => schemaOf(byEdition[edition], edition),
    fits: (value, edition): value is ObjectOf<M> =>
      isRecord(value) && byEdition[edition].every(member => fitsIn(value, member, edition)),
    written: (value, specs) => writtenAs(byEdition[editionOf(specs)], value, specs),
  }
}

function membersIn(members: Members, edition: Edition): readonly MemberInEdition[] {
  return Object.entries(members)
    .filter(([, member]) => member[edition] !== 'absent')
    .map(([key, { form, v1Name, since, ...places }]) => ({
      key,
      name: edition === 'v1' ? (v1Name ?? key) : key,
      isRequired: places[edition] === 'required',
      form,
      ...(since !== undefined && { since }),
    }))
}

function schemaOf(members: readonly MemberInEdition[], edition: Edition): JsonSchema {
  const required = members.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(({ name, form }) => [name, form.schema(edition)])),
    ...(required.length > 0 && { required }),
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fitsIn(
  value: Readonly<Record<string, unknown>>,
  { name, isRequired, form }: MemberInEdition,
  edition: Edition,
): boolean {
  const given = value[name] ?? undefined
  return given === undefined ? !isRequired : form.fits(given, edition)
}

function writtenAs(members: readonly MemberInEdition[], value: object, specs: Specs): object {
  const given = value as Readonly<Record<string, unknown>> // its own form typed it
  return Object.fromEntries(
    members
      .filter(({ key, since }) => given[key] !== undefined && (since === undefined || isSince(since, specs)))
      .map(({ key, name, form }) => [name, form.written(given[key], specs)]),
  )
}
