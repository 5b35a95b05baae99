/** JSON values of the kind that the standard says, or a refusal. */
import { AdesRefusal } from '../refusal.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export function asObject(value: unknown): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  // A JSON object has no keys but its members.
  return isObject ? (value as JsonObject) : unreadable('an object')
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : unreadable('a list')
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : unreadable('a text')
}

function unreadable(expected: string): never {
  throw new AdesRefusal('signature-unreadable', `${expected} was expected`)
}
