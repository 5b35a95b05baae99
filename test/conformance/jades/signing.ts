/** Signs JSON as an application and a key would together, for the tests of this folder. */
import {
  type AugmentJadesOptions,
  augmentJades,
  type CompleteJadesOptions,
  completeJades,
  type JadesContent,
  type PreparedJades,
  type PrepareJadesOptions,
  prepareJades,
} from '@natsuin/ades/jades'
import { type JadesVerdict, type VerifyJadesOptions, verifyJades } from '@natsuin/ades/validation'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { augmentingAt, type Entity, NOW, root, signer, signingAs } from '@natsuin/testing/pki'

export const PAYLOAD = utf8('{"amount":"10.50","currency":"EUR","for":"印鑑"}')
export const ATTACHED: JadesContent = { kind: 'attached', payload: PAYLOAD }

export interface Wishes extends Partial<PrepareJadesOptions> {
  readonly by?: Entity
}

export function prepare(
  content: JadesContent = ATTACHED,
  { by = signer, ...wishes }: Wishes = {},
): Promise<PreparedJades> {
  return prepareJades(content, {
    ...signingAs(by),
    ...wishes,
  })
}

/** What augmenting takes, at the given time. */
export function lasting({
  at,
  stampedBy,
  ...wishes
}: Partial<AugmentJadesOptions> & { readonly stampedBy?: Entity } = {}): AugmentJadesOptions {
  return { ...augmentingAt({ at, stampedBy }), ...wishes }
}

/** The signature, at B-B unless the wishes say more. */
export async function sign(
  content: JadesContent = ATTACHED,
  wishes: Wishes & Partial<CompleteJadesOptions> = {},
): Promise<string> {
  const { level, unsigned, content: detached, ...preparing } = wishes
  const by = wishes.by ?? signer
  const prepared = await prepare(content, preparing)
  return completeJades(prepared, by.sign(prepared.signingInput), {
    ...lasting(),
    ...(level && { level }),
    ...(unsigned && { unsigned }),
    ...(detached && { content: detached }),
  })
}

export function augment(
  jws: string,
  level: 'B-T' | 'B-LT' | 'B-LTA',
  wishes: Parameters<typeof lasting>[0] = {},
): Promise<string> {
  return augmentJades(jws, level, lasting(wishes))
}

export function verifyAll(
  jws: string | Uint8Array,
  wishes: Partial<VerifyJadesOptions> = {},
): Promise<readonly JadesVerdict[]> {
  const trust = { platform: nodePlatform, trustAnchors: [root.certificate.bytes], at: NOW }
  return verifyJades(jws, { ...trust, ...wishes })
}

/** The verdict on the only signature. */
export async function verify(
  jws: string | Uint8Array,
  wishes: Partial<VerifyJadesOptions> = {},
): Promise<JadesVerdict> {
  const [verdict, ...others] = await verifyAll(jws, wishes)
  if (verdict === undefined || others.length > 0) throw new Error('not one verdict')
  return verdict
}

/** What it comes to, in one line. */
export function said(verdict: JadesVerdict): string {
  if (verdict.indication === 'TOTAL-PASSED') return `TOTAL-PASSED ${verdict.facts.level}`
  return `${verdict.subIndication}: ${verdict.reason}`
}

/** A flattened signature as an object; tests alter it. */
export interface Flattened {
  payload?: string
  protected: string
  header?: { etsiU: (string | Record<string, unknown>)[] }
  signature: string
}

export const flattened = (jws: string): Flattened => JSON.parse(jws) as Flattened

/** The JSON in a base64url text. */
export function decoded(text: string): Record<string, unknown> {
  return JSON.parse(fromUtf8(fromBase64url(text) ?? new Uint8Array()) ?? '') as Record<string, unknown>
}

export const encoded = (value: unknown): string => toBase64url(utf8(JSON.stringify(value)))

/** Signs any header by the test's key: what only a signer can do wrong. */
export function forged(header: object, payload: string, by: Entity = signer): Flattened {
  const written = encoded(header)
  const der = by.sign(utf8(`${written}.${payload}`))
  return { payload, protected: written, signature: pairOf(der) }
}

/** r and s of a P-256 signature, by hand. */
function pairOf(der: Uint8Array): string {
  const rLength = der[3] ?? 0
  const integers = [der.subarray(4, 4 + rLength), der.subarray(6 + rLength)]
  const pair = integers.map(integer => {
    const fixed = new Uint8Array(32)
    const octets = integer.subarray(Math.max(0, integer.length - 32))
    fixed.set(octets, 32 - octets.length)
    return fixed
  })
  return toBase64url(new Uint8Array(pair.flatMap(octets => [...octets])))
}
