/**
 * What suites of both editions share: how each spells and says things. Copied from the standards' own tables, not taken
 * from the code under test.
 */
import assert from 'node:assert/strict'
import type { Edition, Form } from '@natsuin/protocol/csc'
import {
  type Answer,
  type Application,
  type ApplicationOptions,
  type Deployment,
  openApplication,
} from '@natsuin/testing/deployment'

/** As titles cite them. */
export const CITED: Readonly<Record<Edition, string>> = { v1: 'CSC API v1.0.4.0', v2: 'CSC API v2.0.0.2' }

/** What is said of a malformed header `Authorization`. */
export const MALFORMED: Readonly<Record<Edition, string>> = {
  v1: 'The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.',
  v2: 'Malformed authorization header',
}

export const UNAUTHORISED: Readonly<Record<Edition, string>> = {
  v1: 'Hash is not authorized by the SAD.',
  v2: 'Hash is not authorized by the SAD',
}

const V1_NAMES: Readonly<Record<string, string>> = { hashes: 'hash', hashAlgorithmOID: 'hashAlgo' }

/** How the edition calls a member that v2 calls so. */
export const nameIn = (edition: Edition, name: string): string =>
  edition === 'v1' ? (V1_NAMES[name] ?? name) : name

/** A request with the names of v2, as the edition spells it. */
export function spelt(edition: Edition, request: object): object {
  return Object.fromEntries(Object.entries(request).map(([name, value]) => [nameIn(edition, name), value]))
}

export function openBoth(
  deployment: Deployment,
  options: ApplicationOptions = {},
): Readonly<Record<Edition, Application>> {
  const open = (edition: Edition) => openApplication(deployment, { ...options, edition })
  return { v1: open('v1'), v2: open('v2') }
}

export const refused = (description: string) => ({ error: 'invalid_request', error_description: description })

export async function assertRefused(
  answer: Promise<Answer>,
  description: string,
  what?: string,
): Promise<void> {
  const { status, body } = await answer
  assert.deepEqual(body, refused(description), what)
  assert.equal(status, 400, what)
}

/** The body of a 200, of which everything has the form that is declared. */
export async function bodyOf<T>(answer: Promise<Answer>, form: Form<T>, edition: Edition): Promise<T> {
  const { status, body } = await answer
  assert.equal(status, 200, JSON.stringify(body))
  if (!form.fits(body, edition)) throw new assert.AssertionError({ message: JSON.stringify(body) })
  return body
}
