/**
 * A counter-signature as it is to be judged (TS 119 182-1 V1.2.1, 5.3.2): over the octets of the value of the signature it
 * stands in, whether it brings them along or not.
 */
import { equal } from '@natsuin/pki/encoding'
import { ValidationEnded } from '../verdict.ts'
import { base64url, malformed, object } from './json.ts'
import { readProtectedHeader } from './protected-header.ts'
import { readSerialized } from './serialization.ts'

/**
 * @param value    of cSig: compact text, or flattened JSON
 * @param payload  what it has to be over
 * @returns the counter-signature without a payload of its own
 * @throws ValidationEnded FORMAT_FAILURE; HASH_FAILURE where it is over something else
 */
export function counterSignatureOver(value: unknown, payload: Uint8Array): string {
  const written =
    typeof value === 'string' ? value : JSON.stringify(Object.fromEntries(object(value, 'cSig')))
  const { payload: brought, signatures } = readSerialized(written)
  const [signature] = signatures
  if (signature === undefined || signatures.length > 1) throw malformed('cSig: not one signature')
  // 5.1.3.
  if (readProtectedHeader(signature.protected).members.has('cty')) throw malformed('cSig: cty')
  if (brought !== undefined && !equal(base64url(brought, 'cSig'), payload))
    throw new ValidationEnded('HASH_FAILURE', 'a counter-signature over another signature')
  const { etsiU, ...signed } = signature
  return JSON.stringify(etsiU === undefined ? signed : { ...signed, header: { etsiU } })
}
