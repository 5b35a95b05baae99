/**
 * Members of CSC requests, checked one by one: the standard's error tables name the first that is wrong.
 *
 * A member that is null is absent (CSC API v2.0.0.2, 7); members nobody asked for are ignored.
 */
import { type RequestError, RequestRefused } from './errors.ts'

export type Parameters = Readonly<Record<string, unknown>>

export function readParameters(body: unknown): Parameters {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new RequestRefused('body-malformed')
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

export function requiredText(parameters: Parameters, name: string, otherwise: RequestError): string {
  const value = parameters[name]
  if (typeof value !== 'string' || value === '') throw new RequestRefused(otherwise)
  return value
}

export function optionalText(
  parameters: Parameters,
  name: string,
  otherwise: RequestError,
): string | undefined {
  const value = parameters[name]
  if (value !== undefined && typeof value !== 'string') throw new RequestRefused(otherwise)
  return value
}

/** False when absent. */
export function optionalFlag(parameters: Parameters, name: string, otherwise: RequestError): boolean {
  const value = parameters[name] ?? false
  if (typeof value !== 'boolean') throw new RequestRefused(otherwise)
  return value
}

/** Members that every method takes and no result depends on: 2.4 and 2.5 of our reference. */
export function checkCommon(parameters: Parameters): void {
  optionalText(parameters, 'lang', 'lang-invalid')
  optionalText(parameters, 'clientData', 'client-data-invalid')
}
