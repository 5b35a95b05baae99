/**
 * Members of answers, read as leniently as services of this world write them: a null is absent (CSC API v2.0.0.2, 7), a
 * number may be spelled as a text. What is missing, and cannot be, is an `UnexpectedAnswer`.
 */
import { UnexpectedAnswer } from './csc-error.ts'

export type Members = Readonly<Record<string, unknown>>

/** The members that are there. @throws UnexpectedAnswer for anything but an object */
export function membersOf(value: unknown, what = 'the answer'): Members {
  if (!isObject(value)) throw new UnexpectedAnswer(`${what} is not a JSON object`)
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
}

/** None, for anything but an object. */
export function membersOr(value: unknown): Members {
  return isObject(value) ? membersOf(value) : {}
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws UnexpectedAnswer */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new UnexpectedAnswer(`no ${what}`)
  return value
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberOr(value: unknown, otherwise: number): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : otherwise
}

/** Empty where there is none. */
export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : []
}

/** Those members that have a value, so that absent ones are absent. */
export function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(there) as { [K in keyof T]?: Exclude<T[K], undefined> } // by the line above
}
