/**
 * A signature over somebody's signature: TS 119 182-1 V1.2.1, 5.3.2. It is prepared and completed as any other, over the
 * octets of the value, and stands in etsiU of what it is over.
 */
import { fromBase64url } from '@natsuin/pki/encoding'
import { AdesRefusal } from '../refusal.ts'
import type { JadesContent } from './content.ts'
import { type Jws, type JwsSignature, parseJson, readJws, writeJws } from './jws.ts'
import { formOf, type UnsignedForm, unsignedElement } from './unsigned-values.ts'

/**
 * What to prepare for a counter-signature; without a content type, which such a signature may not have (5.1.3).
 *
 * @param index  which of several signatures
 * @throws AdesRefusal `signature-missing`, `signature-unreadable`
 */
export function contentToCounterSign(text: string, index = 0): JadesContent {
  const payload = fromBase64url(signatureAt(readJws(text), index).signature)
  if (payload === undefined) throw new AdesRefusal('signature-unreadable', 'signature')
  return { kind: 'detached', payload }
}

export interface CounterSignatureOptions {
  /** Which of several signatures; the first unless said otherwise. */
  readonly index?: number
  /** How unsigned values are written where there are none yet; base64url unless said otherwise. */
  readonly unsigned?: UnsignedForm
}

/**
 * The signature with a counter-signature in it.
 *
 * @param counterSignature  compact or flattened, over what `contentToCounterSign` gave
 * @throws AdesRefusal `signature-missing`, `signature-unreadable`
 */
export function addCounterSignature(
  text: string,
  counterSignature: string,
  { index = 0, unsigned = 'encoded' }: CounterSignatureOptions = {},
): string {
  const jws = readJws(text)
  const signed = signatureAt(jws, index)
  const element = unsignedElement('cSig', counterValue(counterSignature), formOf(signed.etsiU, unsigned))
  const signatures = jws.signatures.map(one =>
    one === signed ? { ...one, etsiU: [...one.etsiU, element] } : one,
  )
  const serialization = jws.serialization === 'compact' ? 'flattened' : jws.serialization
  return writeJws({ ...jws, serialization, signatures })
}

/** A text where it is compact, an object where it is JSON. */
function counterValue(text: string): unknown {
  const { serialization, signatures } = readJws(text)
  if (signatures.length !== 1) throw new AdesRefusal('signature-unreadable', 'not one counter-signature')
  return serialization === 'compact' ? text : parseJson(text)
}

function signatureAt({ signatures }: Jws, index: number): JwsSignature {
  const signature = signatures[index]
  if (signature === undefined) throw new AdesRefusal('signature-missing')
  return signature
}
