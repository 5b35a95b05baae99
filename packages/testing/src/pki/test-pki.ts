/**
 * The certificates of the tests of signatures: one root, one issuing authority, a signer and a time-stamping unit,
 * with keys made for each run.
 */
import type { KeyObject } from 'node:crypto'
import { type KeyType, keyTypes, type SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { OID } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  assembleSigned,
  authorityKeyIdentifier,
  basicConstraints,
  buildName,
  buildTbsCertificate,
  type Certificate,
  extKeyUsage,
  keyIdentifier,
  keyUsage,
  parseCertificate,
  subjectKeyIdentifier,
} from '@natsuin/pki/x509'
import { newKeyPair, signData, spkiOf } from '../keys/key-pairs.ts'

export interface Entity {
  readonly certificate: Certificate
  readonly algorithm: SignatureAlgorithm
  /** Signature value as CMS carries it: RSA octets or DER ECDSA-Sig-Value. */
  readonly sign: (data: Uint8Array) => Uint8Array
  /** PKCS#8 PEM. */
  readonly privateKey: string
}

export const NOT_BEFORE = new Date('2026-01-01T00:00:00Z')
export const NOT_AFTER = new Date('2036-01-01T00:00:00Z')
/** When everything in these tests is signed, and verified unless they say otherwise. */
export const NOW = new Date('2026-06-01T12:00:00Z')

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000
export const afterDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MILLISECONDS)

interface Wanted {
  readonly name: string
  readonly issuer?: Entity
  readonly keyType?: KeyType
  readonly extensions: readonly Uint8Array[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

let serial = 0
const issued: Entity[] = []

/** The entity that has this certificate. @throws RangeError when it was not made here */
export function entityOf({ bytes }: Certificate): Entity {
  const entity = issued.find(({ certificate }) => equal(certificate.bytes, bytes))
  if (entity === undefined) throw new RangeError('not a certificate of the test PKI')
  return entity
}

export async function issue(wanted: Wanted): Promise<Entity> {
  const { key, spki, algorithm } = newKey(wanted.keyType ?? 'ec-p256')
  const privateKey = key.export({ format: 'pem', type: 'pkcs8' }).toString()
  const entity = { algorithm, sign: signerOf(key, algorithm), privateKey }
  const issuer = wanted.issuer ?? entity
  const subject = buildName([{ oid: OID.commonName, value: wanted.name }])
  const issuerSpki = wanted.issuer?.certificate.spki ?? spki
  serial += 1
  const tbs = buildTbsCertificate({
    serialNumber: Uint8Array.of(1, serial),
    signatureAlgorithm: issuer.algorithm,
    issuer: wanted.issuer?.certificate.subject.bytes ?? subject,
    subject,
    notBefore: wanted.notBefore ?? NOT_BEFORE,
    notAfter: wanted.notAfter ?? NOT_AFTER,
    spki,
    extensions: [
      ...wanted.extensions,
      subjectKeyIdentifier(await keyIdentifier(spki, nodePlatform)),
      authorityKeyIdentifier(await keyIdentifier(issuerSpki, nodePlatform)),
    ],
  })
  const certificate = parseCertificate(assembleSigned(tbs, issuer.algorithm, issuer.sign(tbs)))
  const made = { ...entity, certificate }
  issued.push(made)
  return made
}

function newKey(keyType: KeyType): { key: KeyObject; spki: Uint8Array; algorithm: SignatureAlgorithm } {
  const { publicKey, privateKey } = newKeyPair(keyType)
  return { key: privateKey, spki: spkiOf(publicKey), algorithm: keyTypes[keyType].signs[0] ?? 'ecdsa-sha256' }
}

function signerOf(key: KeyObject, algorithm: SignatureAlgorithm): Entity['sign'] {
  return data => signData(algorithm, data, key)
}

const AUTHORITY = [basicConstraints({ ca: true }), keyUsage('keyCertSign', 'cRLSign')]
export const SIGNER = [basicConstraints({ ca: false }), keyUsage('nonRepudiation')]
const TIME_STAMPING = [
  basicConstraints({ ca: false }),
  keyUsage('digitalSignature'),
  extKeyUsage([OID.timeStamping], { critical: true }),
]

export const root = await issue({ name: 'PAdES Test Root', extensions: AUTHORITY })
export const issuing = await issue({ name: 'PAdES Test Issuing CA', issuer: root, extensions: AUTHORITY })
export const signer = await issue({ name: 'Hanako Yamada', issuer: issuing, extensions: SIGNER })
export const timeStampingUnit = await newTimeStampingUnit('PAdES Test TSU')

/** Another one, whose certificate may end sooner. */
export function newTimeStampingUnit(name: string, notAfter?: Date, keyType?: KeyType): Promise<Entity> {
  const wanted = { name, issuer: root, extensions: TIME_STAMPING }
  return issue({ ...wanted, ...(notAfter && { notAfter }), ...(keyType && { keyType }) })
}

/** Certificates to embed beside the signer's. */
export const chain = [issuing.certificate.bytes, root.certificate.bytes]

/** What every format asks for to prepare a signature of this person. */
export const signingAs = ({ certificate, algorithm }: Entity) => ({
  platform: nodePlatform,
  signingCertificate: certificate.bytes,
  chain,
  signatureAlgorithm: algorithm,
  signingTime: NOW,
})
