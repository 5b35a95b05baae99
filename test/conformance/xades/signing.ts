/** Signs XML and by XML as an application and a key would together, for the tests of this folder. */
import assert from 'node:assert/strict'
import { bytesSource } from '@natsuin/ades/pdf'
import { verifyXades, type XadesVerdict } from '@natsuin/ades/validation/xades'
import {
  type AugmentXadesOptions,
  augmentXades,
  completeXades,
  type PreparedXades,
  type PrepareXadesOptions,
  prepareXades,
  type XadesContent,
} from '@natsuin/ades/xades'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { augmentingAt, type Entity, NOW, root, signer, signingAs, timeStampToken } from '@natsuin/testing/pki'

export interface Wishes extends Partial<PrepareXadesOptions> {
  readonly by?: Entity
  readonly stampedBy?: Entity
  readonly level?: 'B-B' | 'B-T'
  readonly at?: Date
}

export const ORDER = utf8(
  '<?xml version="1.0"?>\n<!-- an order -->\n<order xmlns="urn:order" xmlns:unused="urn:unused" xml:lang="ja">\r\n' +
    '  <item n="1">茶碗 &amp; 皿</item><?print twice?><total currency=\'JPY\'>1000</total>\n</order>\n',
)

export const CONTENTS = {
  enveloped: { packaging: 'enveloped', document: ORDER },
  enveloping: {
    packaging: 'enveloping',
    objects: [{ bytes: ORDER, mimeType: 'text/xml' }, { bytes: Uint8Array.of(0, 1, 2, 255) }],
  },
  detached: {
    packaging: 'detached',
    objects: [
      { uri: 'order.xml', content: bytesSource(ORDER), mimeType: 'text/xml' },
      { uri: 'attachments/a%20b.bin', content: bytesSource(Uint8Array.of(7, 7, 7)) },
    ],
  },
} as const satisfies Record<string, XadesContent>

/** The detached objects by their URI. */
export function detached(uri: string) {
  return CONTENTS.detached.objects.find(object => object.uri === uri)?.content
}

export function prepare(
  content: XadesContent,
  { by = signer, ...wishes }: Wishes = {},
): Promise<PreparedXades> {
  return prepareXades(content, {
    ...signingAs(by),
    ...wishes,
  })
}

export function complete(
  prepared: PreparedXades,
  { by = signer, stampedBy, level = 'B-B', at = NOW }: Wishes = {},
): Promise<Uint8Array> {
  const timeStamp = (imprint: Uint8Array, algorithm: DigestAlgorithm) =>
    timeStampToken(imprint, algorithm, stampedBy, at)
  const options = level === 'B-B' ? {} : { timeStamp }
  return completeXades(prepared, by.sign(prepared.signedInfo), { platform: nodePlatform, ...options })
}

export async function sign(content: XadesContent, wishes: Wishes = {}): Promise<Uint8Array> {
  return complete(await prepare(content, wishes), wishes)
}

export type AugmentWishes = Partial<AugmentXadesOptions> & Pick<Wishes, 'stampedBy'>

/** What augmenting takes, at the given time. */
export function lasting({ at, stampedBy, ...wishes }: AugmentWishes = {}): AugmentXadesOptions {
  return { ...augmentingAt({ at, stampedBy }), detached, ...wishes }
}

export function augment(signed: Uint8Array, level: 'B-T' | 'B-LT' | 'B-LTA', wishes: AugmentWishes = {}) {
  return augmentXades(signed, level, lasting(wishes))
}

export function verify(signed: Uint8Array, at: Date | undefined = NOW): Promise<readonly XadesVerdict[]> {
  const options = { platform: nodePlatform, trustAnchors: [root.certificate.bytes], detached }
  return verifyXades(signed, at === undefined ? options : { ...options, at })
}

/** The levels of the signatures, all of which passed. */
export async function levelsOf(signed: Uint8Array, at?: Date): Promise<readonly (string | undefined)[]> {
  const verdicts = await verify(signed, at)
  return verdicts.map(verdict => {
    assert.equal(verdict.indication, 'TOTAL-PASSED', 'reason' in verdict ? verdict.reason : '')
    return verdict.facts.level
  })
}
