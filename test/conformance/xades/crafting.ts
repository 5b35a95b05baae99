/** Signatures that our own signing would never make, with a value that is right for what they say. */
import { completeXades, type PreparedXades } from '@natsuin/ades/xades'
import { canonicalise, parseXml, type XmlElement } from '@natsuin/ades/xml'
import { join, toBase64, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { type Entity, signer } from '@natsuin/testing/pki'

const EXCLUSIVE = { form: 'exc-c14n', withComments: false } as const

/**
 * The signature with its markup edited and signed anew.
 *
 * @param edit  gets the ds:Signature; what it makes of the signed properties is digested again
 */
export async function crafted(
  prepared: PreparedXades,
  edit: (signature: string) => string,
  by: Entity = signer,
): Promise<Uint8Array> {
  const edited = await digestedAnew(edit(prepared.signature))
  const signedInfo = canonicalOf(edited, 'SignedInfo')
  const dtbsr = await platform.digest('sha256', signedInfo)
  const again = { ...prepared, signature: edited, signedInfo, dtbsr }
  return completeXades(again, by.sign(signedInfo), { platform })
}

/** With any text in the place of the value. */
export function withValue({ before, after, signature }: PreparedXades, value: string): Uint8Array {
  const filled = signature.replace(/(<ds:SignatureValue[^>]*>)/, `$1${value}`)
  return join([before, utf8(filled), after])
}

async function digestedAnew(signature: string): Promise<string> {
  if (!signature.includes('<xades:SignedProperties')) return signature
  const digest = await platform.digest('sha256', canonicalOf(signature, 'SignedProperties'))
  const reference = /(Type="http:\/\/uri\.etsi\.org\/01903#SignedProperties"[\s\S]*?<ds:DigestValue>)[^<]*/
  return signature.replace(reference, (_, before: string) => before + toBase64(digest))
}

function canonicalOf(signature: string, name: string): Uint8Array<ArrayBuffer> {
  return canonicalise(elementIn(utf8(signature), name), EXCLUSIVE)
}

/** The first element of the name. */
export function elementIn(document: Uint8Array, name: string): XmlElement {
  const pending: XmlElement[] = [parseXml(document).root]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.localName === name) return next
    pending.push(...next.children.filter(node => node.kind === 'element').toReversed())
  }
  throw new RangeError(name)
}
