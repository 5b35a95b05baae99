/**
 * A signature over the value of another one: EN 319 132-1 V1.3.1, 5.2.7. It says that the countersigner has seen that
 * signature, and goes into its unsigned properties.
 */
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { join, toHex, utf8 } from '@natsuin/pki/encoding'
import { AdesRefusal } from '../refusal.ts'
import { canonicalise } from '../xml/canonicalise.ts'
import { attributeOf } from '../xml/node.ts'
import { parseXml } from '../xml/parse.ts'
import type { Plan } from './content.ts'
import { declarationsOf, EXCLUSIVE, element, text } from './markup.ts'
import { type PreparedXades, type PrepareXadesOptions, prepareSignature } from './prepare.ts'
import { exclusiveTransform, idsOf } from './signature-markup.ts'
import { signatureById, signaturesIn, structureOf } from './signature-structure.ts'
import { withProperty } from './unsigned-properties.ts'
import { COUNTERSIGNED_TYPE } from './vocabulary.ts'

export interface PrepareCounterSignatureOptions extends PrepareXadesOptions {
  /** Which signature of the document, a counter-signature included; the only one unless said otherwise. */
  readonly signatureId?: string
}

/**
 * Prepares a counter-signature; `completeXades` completes it like any other.
 *
 * @throws AdesRefusal `signature-missing` where it is not clear which one is meant, `signature-unreadable`
 * @throws XmlRefusal for a document that is not read
 */
export async function prepareXadesCounterSignature(
  signed: Uint8Array,
  options: PrepareCounterSignatureOptions,
): Promise<PreparedXades> {
  const { platform, signatureAlgorithm, signingCertificate, signingTime } = options
  const document = parseXml(signed)
  const structure = structureOf(chosen(document, options.signatureId))
  const valueId = attributeOf(structure.signatureValue, 'Id')
  if (valueId === undefined) throw new AdesRefusal('signature-unreadable', 'Id of the SignatureValue')
  const octets = canonicalise(structure.signatureValue, EXCLUSIVE)
  const digest = await platform.digest(signatureAlgorithms[signatureAlgorithm].digest, octets)
  const seed = join([utf8(signingTime.toISOString()), signingCertificate, octets])
  const ids = idsOf(`xades-${toHex((await platform.digest('sha256', seed)).subarray(0, 16))}`)
  // Its Id, which nothing else in the document can have, keeps its place until it is there.
  const property = element('xades:CounterSignature', declarationsOf('xades'), text(ids.signature))
  const [before = '', after = ''] = withProperty(document.text, structure, property).split(ids.signature)
  const reference = {
    uri: `#${valueId}`,
    type: COUNTERSIGNED_TYPE,
    transforms: [exclusiveTransform()],
    digest,
  }
  const plan: Plan = {
    frame: { before: utf8(before), after: utf8(after) },
    references: [reference],
    objects: [],
  }
  return prepareSignature(plan, ids, options)
}

function chosen(document: ReturnType<typeof parseXml>, id: string | undefined) {
  if (id !== undefined) return signatureById(document, id)
  const [only, ...more] = signaturesIn(document)
  if (only === undefined || more.length > 0)
    throw new AdesRefusal('signature-missing', `${more.length} others`)
  return only
}
