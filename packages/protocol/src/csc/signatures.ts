/** signatures/*: CSC API v1.0.4.0, 11.9 and 11.10; v2.0.0.2, 11.10 to 11.13. */
import { BASE64, base64, commonMembers, hashes, identifier, oid } from './common.ts'
import {
  asV1Says,
  flag,
  integer,
  lenient,
  list,
  object,
  oneOf,
  onlyV2,
  optional,
  required,
  requiredInV1,
  text,
} from './form.ts'

/** 11.10 and 11.11 of v2: what makes a request asynchronous. */
const asynchronousMembers = {
  operationMode: onlyV2(optional(oneOf('S', 'A'))),
  /** Milliseconds for which the result is kept. */
  validity_period: onlyV2(optional(integer())),
  response_uri: onlyV2(optional(text({ max: 2000, format: 'uri' }))),
}

/** 11.9 of v1, 11.10 of v2: signatures/signHash. */
export const signHashRequest = object({
  ...commonMembers,
  ...asynchronousMembers,
  credentialID: required(identifier),
  hashes: asV1Says('hash', required(hashes)),
  SAD: requiredInV1(optional(identifier)),
  signAlgo: required(oid),
  signAlgoParams: optional(text()),
  hashAlgorithmOID: asV1Says('hashAlgo', optional(oid)),
})

/** In the order of the hashes. ECDSA values are DER ECDSA-Sig-Value. */
export const signHashResponse = object({
  signatures: requiredInV1(optional(list(base64, { min: 1 }))),
  /** Of an asynchronous request: what `signatures/signPolling` takes. */
  responseID: onlyV2(optional(text())),
})

/** What the signer says beside the document: 11.11, with the clauses of each format. */
const attribute = object({
  attribute_name: required(text({ min: 1 })),
  attribute_value: optional(base64),
})

/** 11.11; `referenceUri` is of the CSC Data Model 1.0.0, 7.1. */
const adesMembers = {
  signature_format: required(oneOf('C', 'X', 'P', 'J')),
  conformance_level: optional(text()),
  signAlgo: required(oid),
  signAlgoParams: optional(text()),
  signed_envelope_property: optional(text()),
  signed_props: optional(lenient(list(attribute))),
  referenceUri: optional(text({ min: 1, max: 1000 })),
}

export const documentToSign = object({ document: required(lenient(base64)), ...adesMembers })

/** A single digest may stand there without a list, as the standard's sample has it. */
export const digestToSign = object({
  hashes: required(lenient(hashes)),
  hashAlgorithmOID: optional(oid),
  ...adesMembers,
})

/** 11.11: signatures/signDoc. */
export const signDocRequest = object({
  ...commonMembers,
  ...asynchronousMembers,
  SAD: optional(identifier),
  credentialID: required(identifier),
  documentDigests: optional(lenient(list(digestToSign))),
  documents: optional(lenient(list(documentToSign))),
  returnValidationInfo: optional(flag),
})

/** Base64 of DER. */
const validationInfo = object({
  ocsp: optional(list(base64)),
  crl: optional(list(base64)),
  certificates: optional(list(base64)),
})

const signedDocuments = {
  DocumentWithSignature: optional(list(base64)),
  SignatureObject: optional(list(base64)),
  validationInfo: optional(validationInfo),
}

export const signDocResponse = object({ ...signedDocuments, responseID: optional(text()) })

/** 11.12: signatures/signPolling. */
export const signPollingRequest = object({
  ...commonMembers,
  requestID: required(identifier),
  userID: optional(identifier),
})

export const signPollingResponse = object({ signatures: optional(list(base64)), ...signedDocuments })

/** 11.10 of v1, 11.13 of v2: signatures/timestamp. Both editions have the names of v1. */
export const timestampRequest = object({
  ...commonMembers,
  hash: required(text({ min: 4, pattern: BASE64 })),
  hashAlgo: required(oid),
  /** Hexadecimal digits. */
  nonce: optional(text({ min: 1, max: 126, pattern: /^[0-9A-Fa-f]+$/ })),
})

/** A TimeStampToken (RFC 3161, 2.4.2, with RFC 5816). */
export const timestampResponse = object({ timestamp: required(base64) })
