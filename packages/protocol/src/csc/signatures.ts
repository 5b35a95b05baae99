/** signatures/*: CSC API v1.0.4.0, 11.9 and 11.10; v2.0.0.2, 11.10 to 11.13. */
import { base64, commonMembers, hashes, identifier, oid } from './common.ts'
import { asV1Says, list, object, oneOf, onlyV2, optional, required, requiredInV1, text } from './form.ts'

/** 11.9 of v1, 11.10 of v2: signatures/signHash. */
export const signHashRequest = object({
  ...commonMembers,
  operationMode: onlyV2(optional(oneOf('S', 'A'))),
  credentialID: required(identifier),
  hashes: asV1Says('hash', required(hashes)),
  SAD: requiredInV1(optional(identifier)),
  signAlgo: required(oid),
  signAlgoParams: optional(text()),
  hashAlgorithmOID: asV1Says('hashAlgo', optional(oid)),
})

/** In the order of the hashes. ECDSA values are DER ECDSA-Sig-Value. */
export const signHashResponse = object({ signatures: required(list(base64, { min: 1 })) })
