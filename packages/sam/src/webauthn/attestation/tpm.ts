/** `tpm`: WebAuthn Level 3, 8.3. A TPM certifies the credential's key with its attestation identity key. */
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { concat, equal, toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { Certificate } from '@natsuin/pki/x509'
import {
  type AttestedObject,
  bytesOf,
  chainOf,
  checkAttestationCertificate,
  membersOf,
  notAttested,
} from './attested.ts'
import { algorithmOf, checkStatementSignature } from './signature.ts'
import { readAttest, readPublicArea, type TpmPublicArea } from './tpm-structures.ts'

export function tpmAttestation(object: AttestedObject): readonly Certificate[] {
  const members = membersOf(object.statement, ['ver', 'alg', 'x5c', 'sig', 'certInfo', 'pubArea'])
  if (members.get('ver') !== '2.0') throw notAttested('version of the TPM')
  const chain = chainOf(members.get('x5c'))
  const [certificate] = chain
  if (certificate === undefined) throw notAttested('x5c')
  const { algorithm, digest } = algorithmOf(members.get('alg'))
  const [certInfo, pubArea] = [bytesOf(members.get('certInfo')), bytesOf(members.get('pubArea'))]
  const signature = bytesOf(members.get('sig'))
  checkStatementSignature({ algorithm, spki: certificate.spki, data: certInfo, signature })
  checkAttestationCertificate(certificate, object)
  checkIdentityCertificate(certificate)
  checkKey(readPublicArea(pubArea), object)
  const attToBeSigned = concat(object.authenticatorData, object.clientDataHash)
  checkCertified(certInfo, pubArea, digestSync(digest, attToBeSigned))
  return chain
}

/** 8.3.1: no subject, and for this purpose alone. */
function checkIdentityCertificate({ subject, extensions }: Certificate): void {
  if (subject.text !== '') throw notAttested('subject of the certificate')
  if (!extensions.all.some(({ oid }) => oid === SUBJECT_ALT_NAME)) throw notAttested('no name of a TPM')
  if (extensions.extKeyUsage?.includes(AIK_CERTIFICATE) !== true)
    throw notAttested('purpose of the certificate')
}

const SUBJECT_ALT_NAME = '2.5.29.17'
/** tcg-kp-AIKCertificate. */
const AIK_CERTIFICATE = '2.23.133.8.3'

/** The key that was certified is the credential's. */
function checkKey({ key }: TpmPublicArea, { publicKey }: AttestedObject): void {
  if (!equal(spkiOf('n' in key ? rsaJwk(key) : ecJwk(key)), publicKey)) throw notAttested('another key')
}

const ecJwk = ({ x, y }: { x: Uint8Array; y: Uint8Array }): JsonWebKey => ({
  kty: 'EC',
  crv: 'P-256',
  x: toBase64url(x),
  y: toBase64url(y),
})

function rsaJwk({ n, e }: { n: Uint8Array; e: number }): JsonWebKey {
  const exponent = Uint8Array.from([24, 16, 8, 0].map(shift => (e >>> shift) & 0xff))
  const first = exponent.findIndex(byte => byte !== 0)
  return { kty: 'RSA', n: toBase64url(n), e: toBase64url(exponent.subarray(first)) }
}

function spkiOf(key: JsonWebKey): Uint8Array {
  try {
    return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'der' })
  } catch {
    throw notAttested('a key that is none')
  }
}

/** The Name of an object is its name algorithm, and by that the digest of its public area: TPM 2.0 Library, Part 1, 16. */
function checkCertified(certInfo: Uint8Array, pubArea: Uint8Array, extraData: Uint8Array): void {
  const attest = readAttest(certInfo)
  const { nameAlgorithm, nameAlgorithmOctets } = readPublicArea(pubArea)
  const name = concat(nameAlgorithmOctets, digestSync(nameAlgorithm, pubArea))
  if (!equal(attest.extraData, extraData)) throw notAttested('certified for another registration')
  if (!equal(attest.name, name)) throw notAttested('another object was certified')
}
