/** One more signer of the same payload: the general JSON form (RFC 7515, 7.2.1). */
import { AdesRefusal } from '../refusal.ts'
import { decodedObject, type JwsSignature, readJws, writeJws } from './jws.ts'

/**
 * @param others  a signature in any form; its signatures stay as they are, and become members of the general form
 * @throws AdesRefusal `content-differs` when it is over another payload, or over it in another way; `signature-unreadable`
 */
export function placedBeside(others: string, added: string): string {
  const { payload, signatures } = readJws(others)
  const own = readJws(added)
  const all = [...signatures, ...own.signatures]
  // RFC 7797, 3: all of them sign the payload in the same way.
  const ways = new Set(all.map(isEncoded))
  if (own.payload !== payload || ways.size > 1) throw new AdesRefusal('content-differs')
  return writeJws({ ...own, serialization: 'general', signatures: all })
}

function isEncoded(signature: JwsSignature): boolean {
  return decodedObject(signature.protected)['b64'] !== false
}
