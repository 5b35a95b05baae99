/** A request of each method as a client might send it, for who reads the document. Nothing in them opens anything. */
import type { Edition } from '@natsuin/protocol/csc'
import type { CscMethodName } from '../csc/methods.ts'

export type Example = Readonly<Record<string, unknown>>

const SHA256 = '2.16.840.1.101.3.4.2.1'
const ECDSA_SHA256 = '1.2.840.10045.4.3.2'
const EXAMPLE_PIN = '830512'
const EXAMPLE_CODE = '553201'
const credentialID = 'mK2vXq7LrT0u9dWcZs5b4A'
const hashes = ['ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=']
const SAD = 'Jx3vN0cQm8tYpWzLr5sKdA2bE7fG9hUi'

type Examples = Readonly<Partial<Record<Edition, Example>>>

const both = (example: Example): Examples => ({ v1: example, v2: example })

const EXAMPLES: Readonly<Record<CscMethodName, Examples>> = {
  info: both({ lang: 'en' }),
  'auth/login': both({ rememberMe: true }),
  'auth/revoke': both({
    token: 'hVKcMYOgbK4U2Wh2knvx8WnjCjKVsS7Alaj8qdyzCVD',
    token_type_hint: 'access_token',
  }),
  'credentials/list': {
    v1: { maxResults: 10 },
    v2: { credentialInfo: true, certificates: 'chain', certInfo: true, authInfo: true, onlyValid: true },
  },
  'credentials/info': both({ credentialID, certificates: 'chain', certInfo: true, authInfo: true }),
  'credentials/create': {
    v2: { credentialCreationRequest: { certificatePolicy: '0.4.0.194112.1.2' }, credentialInfo: true },
  },
  'credentials/delete': { v2: { credentialID, revoke: true, revocationReason: 4 } },
  'credentials/authorize': {
    v1: { credentialID, numSignatures: 1, hash: hashes, PIN: EXAMPLE_PIN, OTP: EXAMPLE_CODE },
    v2: {
      credentialID,
      numSignatures: 1,
      hashes,
      hashAlgorithmOID: SHA256,
      authData: [
        { id: 'PIN', value: EXAMPLE_PIN },
        { id: 'OTP', value: EXAMPLE_CODE },
      ],
      description: 'Lease contract',
    },
  },
  'credentials/authorizeCheck': { v2: { handle: 'q0N3vB8sXyL2' } },
  'credentials/getChallenge': { v2: { credentialID, authObjectID: 'CODE' } },
  'credentials/extendTransaction': {
    v1: { credentialID, hash: hashes, SAD },
    v2: { credentialID, hashes, hashAlgorithmOID: SHA256, SAD },
  },
  'credentials/sendOTP': { v1: { credentialID } },
  'signatures/signHash': {
    v1: { credentialID, SAD, hash: hashes, hashAlgo: SHA256, signAlgo: ECDSA_SHA256 },
    v2: { credentialID, SAD, hashes, hashAlgorithmOID: SHA256, signAlgo: ECDSA_SHA256 },
  },
  'signatures/signDoc': {
    v2: {
      credentialID,
      SAD,
      documentDigests: [
        {
          hashes,
          hashAlgorithmOID: SHA256,
          signature_format: 'P',
          conformance_level: 'AdES-B-B',
          signAlgo: ECDSA_SHA256,
        },
      ],
    },
  },
  'signatures/signPolling': { v2: { requestID: 'rsp-Zq8m2' } },
  'signatures/timestamp': both({ hash: hashes[0], hashAlgo: SHA256 }),
}

export function exampleOf(name: CscMethodName, edition: Edition): Example | undefined {
  return EXAMPLES[name][edition]
}
