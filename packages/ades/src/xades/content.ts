/**
 * What is signed, and how a signature refers to it: in the document around it (enveloped), inside it (enveloping), or
 * elsewhere (detached). XMLDSig 1.1, 4.4.3.
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { type Content, digestsOf } from '../signing/content.ts'
import { uriOfCanonicalisation } from '../xml/c14n-methods.ts'
import { type CanonicalForm, canonicalise } from '../xml/canonicalise.ts'
import { isNamed } from '../xml/node.ts'
import { parseXml } from '../xml/parse.ts'
import { placeInside } from './insertion.ts'
import { base64, element, type Markup, text } from './markup.ts'
import { DS, TRANSFORMS } from './vocabulary.ts'

export interface EnvelopedContent {
  readonly packaging: 'enveloped'
  /** The XML document that the signature goes into, as the last child of its root. */
  readonly document: Uint8Array
  /** How the document is canonicalised; `exc-c14n` unless said otherwise. */
  readonly canonicalForm?: CanonicalForm
}

export interface EnvelopingContent {
  readonly packaging: 'enveloping'
  /** Each goes into the signature, in base64. */
  readonly objects: readonly { readonly bytes: Uint8Array; readonly mimeType?: string }[]
}

export interface DetachedObject {
  /** What the signature names it by, as it stands: in a container a relative reference, `documents/a%20b.pdf`. */
  readonly uri: string
  /** Read once, in pieces; or only its digest, by the algorithm of the signature. */
  readonly content: Content
  readonly mimeType?: string
}

export interface DetachedContent {
  readonly packaging: 'detached'
  readonly objects: readonly DetachedObject[]
}

export type XadesContent = EnvelopedContent | EnvelopingContent | DetachedContent

/** Where the signature stands: what is before it and behind it. */
export interface Frame {
  readonly before: Uint8Array
  readonly after: Uint8Array
}

export interface PlannedReference {
  readonly type?: string
  readonly uri: string
  readonly transforms: readonly Markup[]
  readonly digest: Uint8Array
  /** Of what is signed; of nothing that is part of a signature itself. */
  readonly mimeType?: string
}

export interface Plan {
  readonly frame: Frame
  readonly references: readonly PlannedReference[]
  /** What is inside an enveloping signature; each in a ds:Object with the Id that `objectId` gives. */
  readonly objects: readonly Markup[]
}

interface Planning {
  readonly digestAlgorithm: DigestAlgorithm
  readonly platform: Digest
  /** Id of the n-th object. */
  readonly objectId: (index: number) => string
}

/** @throws XmlRefusal for an enveloped content that is not read */
export function planOf(content: XadesContent, planning: Planning): Promise<Plan> {
  switch (content.packaging) {
    case 'enveloped':
      return enveloped(content, planning)
    case 'enveloping':
      return enveloping(content, planning)
    case 'detached':
      return detached(content, planning)
  }
}

const BESIDE_NOTHING: Frame = {
  before: utf8('<?xml version="1.0" encoding="UTF-8"?>\n'),
  after: new Uint8Array(),
}

/** All signatures are taken out of what is signed, so that several people sign the same document (5.2.7: in parallel). */
async function enveloped(
  { document: bytes, canonicalForm = 'exc-c14n' }: EnvelopedContent,
  { digestAlgorithm, platform }: Planning,
): Promise<Plan> {
  const document = parseXml(bytes)
  const form = { form: canonicalForm, withComments: false }
  const octets = canonicalise(document, form, one => isNamed(one, [DS, 'Signature']))
  const digest = await platform.digest(digestAlgorithm, octets)
  const filter = element(
    'dsig-filter2:XPath',
    { 'xmlns:dsig-filter2': TRANSFORMS.filter, Filter: 'subtract' },
    text('/descendant::ds:Signature'),
  )
  const transforms = [
    element('ds:Transform', { Algorithm: TRANSFORMS.filter }, filter),
    element('ds:Transform', { Algorithm: uriOfCanonicalisation(form) }),
  ]
  const { before, after } = placeInside(document.text, document.root)
  return {
    frame: { before: utf8(before), after: utf8(after) },
    references: [{ uri: '', transforms, digest, mimeType: 'text/xml' }],
    objects: [],
  }
}

async function enveloping(
  { objects }: EnvelopingContent,
  { digestAlgorithm, platform, objectId }: Planning,
): Promise<Plan> {
  const references: PlannedReference[] = []
  for (const [i, { bytes, mimeType = 'application/octet-stream' }] of objects.entries()) {
    const transforms = [element('ds:Transform', { Algorithm: TRANSFORMS.base64 })]
    const digest = await platform.digest(digestAlgorithm, bytes)
    references.push({ uri: `#${objectId(i)}`, transforms, digest, mimeType })
  }
  const embedded = objects.map(({ bytes, mimeType }, i) =>
    element('ds:Object', { Id: objectId(i), MimeType: mimeType, Encoding: TRANSFORMS.base64 }, base64(bytes)),
  )
  return { frame: BESIDE_NOTHING, references, objects: embedded }
}

async function detached(
  { objects }: DetachedContent,
  { digestAlgorithm, platform }: Planning,
): Promise<Plan> {
  const references: PlannedReference[] = []
  for (const { uri, content, mimeType = 'application/octet-stream' } of objects) {
    checkElsewhere(uri)
    const digest = (await digestsOf(content, [digestAlgorithm], platform)).get(digestAlgorithm)
    if (digest === undefined) throw new RangeError(`of ${uri} only a digest by another algorithm is known`)
    references.push({ uri, transforms: [], digest, mimeType })
  }
  return { frame: BESIDE_NOTHING, references, objects: [] }
}

/** Empty, and with a number sign in front, a reference means the document that it is in (XMLDSig 1.1, 4.4.3.1). */
function checkElsewhere(uri: string): void {
  if (uri === '' || uri.startsWith('#'))
    throw new RangeError('a detached object is named by a URI of its own')
}
