/** credentials/*: CSC API v1.0.4.0, 11.4 to 11.7; v2.0.0.2, 11.4 to 11.9. */
import { base64, commonMembers, generalizedTime, hashes, identifier, label, language, oid } from './common.ts'
import {
  asV1Says,
  flag,
  from,
  integer,
  lenient,
  list,
  type Member,
  object,
  oneOf,
  onlyV1,
  onlyV2,
  optional,
  required,
  text,
} from './form.ts'

/** How much of a credential is told. */
const certificates = optional(oneOf('none', 'single', 'chain'))
const details = { certInfo: optional(flag), authInfo: optional(flag) }

/** 11.5: what `credentials/authorize` wants to be given. */
export const authenticationObject = object({
  type: required(oneOf('Password', 'PasswordOOB', 'ChallengeResponse', 'ChallengeResponseOOB')),
  id: required(text()),
  format: optional(oneOf('A', 'N')),
  label: optional(label),
  description: optional(label),
  generator: optional(text()),
})

const presence = required(oneOf('true', 'false', 'optional'))
const factor = {
  presence,
  format: optional(oneOf('A', 'N')),
  label: optional(label),
  description: optional(label),
}

const credentialMembers = {
  description: optional(label),
  signatureQualifier: onlyV2(optional(text())),
  key: required(
    object({
      status: required(oneOf('enabled', 'disabled')),
      algo: required(list(oid, { min: 1 })),
      /** Bits. */
      len: required(integer({ min: 1 })),
      curve: optional(oid),
    }),
  ),
  cert: required(
    object({
      status: optional(oneOf('valid', 'expired', 'revoked', 'suspended')),
      /** DER, end entity first. */
      certificates: optional(list(base64, { min: 1 })),
      issuerDN: optional(text()),
      serialNumber: optional(text({ pattern: /^[0-9A-Fa-f]+$/ })),
      subjectDN: optional(text()),
      validFrom: optional(generalizedTime),
      validTo: optional(generalizedTime),
      policy: from('2.1.0.1', optional(list(oid))),
      qcStatements: from('2.1.0.1', optional(list(oid))),
    }),
  ),
  authMode: onlyV1(required(oneOf('implicit', 'explicit', 'oauth2code'))),
  PIN: onlyV1(optional(object(factor))),
  OTP: onlyV1(
    optional(
      object({
        ...factor,
        type: optional(oneOf('offline', 'online')),
        ID: optional(text()),
        provider: optional(text()),
      }),
    ),
  ),
  auth: onlyV2(
    required(
      object({
        mode: required(oneOf('explicit', 'oauth2code')),
        /** Which of the objects are needed together. */
        expression: optional(text()),
        objects: optional(list(authenticationObject)),
      }),
    ),
  ),
  SCAL: optional(oneOf('1', '2')),
  multisign: required(integer({ min: 1 })),
  lang: optional(language),
} as const satisfies Record<string, Member>

/** 11.5 credentials/info. */
export const credentialsInfoRequest = object({
  ...commonMembers,
  credentialID: required(identifier),
  certificates,
  ...details,
})
export const credentialsInfoResponse = object(credentialMembers)

/** 11.4 credentials/list. */
export const credentialsListRequest = object({
  ...commonMembers,
  userID: optional(lenient(text())),
  /** What is no count at all means: as many as the server likes. */
  maxResults: onlyV1(optional(lenient(integer({ min: 1 })))),
  pageToken: onlyV1(optional(text())),
  credentialInfo: onlyV2(optional(flag)),
  certificates: onlyV2(certificates),
  certInfo: onlyV2(details.certInfo),
  authInfo: onlyV2(details.authInfo),
  onlyValid: onlyV2(optional(flag)),
})
export const credentialsListResponse = object({
  credentialIDs: required(list(text())),
  nextPageToken: onlyV1(optional(text())),
  credentialInfos: onlyV2(optional(list(object({ credentialID: required(text()), ...credentialMembers })))),
  onlyValid: onlyV2(optional(flag)),
})

/** What the hashes are of, as v2.2 has it for documents; clients write it in capitals too. */
const hashType = onlyV2(optional(oneOf('dtbsr', 'sdr', 'sodr', 'DTBSR', 'SDR', 'SODR')))

/** 11.6 credentials/authorize. */
export const credentialsAuthorizeRequest = object({
  ...commonMembers,
  credentialID: required(identifier),
  numSignatures: required(integer({ min: 1 })),
  hashes: asV1Says('hash', optional(hashes)),
  hashAlgorithmOID: onlyV2(optional(oid)),
  hashType,
  authData: onlyV2(optional(list(object({ id: required(text()), value: optional(text()) })))),
  PIN: onlyV1(optional(text())),
  OTP: onlyV1(optional(text())),
  description: optional(text({ max: 500 })),
})

/** 11.7 credentials/authorizeCheck. */
export const credentialsAuthorizeCheckRequest = object({
  ...commonMembers,
  handle: required(identifier),
})

/** 11.8 credentials/getChallenge: the id is that of an authentication object. */
export const credentialsGetChallengeRequest = object({
  ...commonMembers,
  credentialID: required(identifier),
  authObjectID: required(identifier),
})
export const getChallengeResponse = object({ challenge: required(text()) })

/** v1.0.4.0, 11.8 credentials/sendOTP. */
export const credentialsSendOtpRequest = object({ ...commonMembers, credentialID: required(identifier) })

/** 11.9 credentials/extendTransaction. */
export const credentialsExtendTransactionRequest = object({
  ...commonMembers,
  credentialID: required(identifier),
  hashes: asV1Says('hash', optional(hashes)),
  hashAlgorithmOID: onlyV2(optional(oid)),
  hashType,
  SAD: required(identifier),
})

/** v2.2.0.0, 11.4 credentials/create. What is asked for of the person is known from the proofing. */
export const credentialsCreateRequest = object({
  ...commonMembers,
  credentialCreationRequest: onlyV2(
    required(
      object({
        certificatePolicy: optional(oid),
        subjectData: optional(object({})),
      }),
    ),
  ),
  credentialInfo: onlyV2(optional(flag)),
  certificates: onlyV2(certificates),
  certInfo: onlyV2(details.certInfo),
  authInfo: onlyV2(details.authInfo),
})
const { key, cert, auth, multisign, authMode: _v1, ...others } = credentialMembers
export const credentialsCreateResponse = object({
  credentialID: required(text()),
  ...others,
  key: optional(key.form),
  cert: optional(cert.form),
  auth: onlyV2(optional(auth.form)),
  multisign: optional(multisign.form),
})

/** v2.2.0.0, 11.5 credentials/delete. */
export const credentialsDeleteRequest = object({
  ...commonMembers,
  credentialID: required(identifier),
  revoke: onlyV2(optional(flag)),
  /** RFC 5280, 5.3.1. */
  revocationReason: onlyV2(optional(integer({ min: 0, max: 10 }))),
})
