/**
 * Attesters in software: manufacturers with a root, a batch certificate, and a model. WebAuthn Level 3, 8.2 (packed).
 *
 * What an honest manufacturer never does is an explicit deviation.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { OID, octetString } from '@natsuin/pki/asn1'
import { concat } from '@natsuin/pki/encoding'
import {
  assembleSigned,
  basicConstraints,
  buildName,
  buildTbsCertificate,
  extension,
  type NameAttribute,
} from '@natsuin/pki/x509'
import { array, bytes, integer, map, text } from './cbor.ts'
import type { AttestedData, Attester, Statement } from './software-authenticator.ts'

export interface Manufacturer {
  /** DER. */
  readonly root: Uint8Array
  readonly aaguid: Uint8Array
  attester(deviations?: AttestationDeviations): Attester
}

/** Each replaces what an honest one does. */
export interface AttestationDeviations {
  /** What the authenticator says that it is. */
  readonly aaguid?: Uint8Array
  /** For which model the certificate is; absent from it when `undefined` is given. */
  readonly certifiedModel?: Uint8Array | undefined
  readonly unit?: string
  readonly isAuthority?: boolean
  readonly notAfter?: Date
  /** The registration that is signed. */
  readonly signs?: Partial<AttestedData>
  /** COSE algorithm that the statement names. */
  readonly alg?: number
  /** Without the certificate, signed with the credential itself. */
  readonly self?: boolean
  /** Members to add. */
  readonly more?: readonly (readonly [Uint8Array, Uint8Array])[]
  readonly flipSignature?: boolean
}

const ES256 = -7
const NOT_BEFORE = new Date('2024-01-01T00:00:00Z')
const NOT_AFTER = new Date('2050-01-01T00:00:00Z')
/** id-fido-gen-ce-aaguid (WebAuthn Level 3, 8.2.1). */
const MODEL = '1.3.6.1.4.1.45724.1.1.4'

/** @param rootNotAfter when its root ends */
export function newManufacturer(name: string, rootNotAfter = NOT_AFTER): Manufacturer {
  const rootKey = newKey()
  const rootName = buildName([{ oid: OID.commonName, value: `${name} Root` }])
  const extensions = [basicConstraints({ ca: true })]
  const profile = { subject: rootName, issuer: rootName, notAfter: rootNotAfter, extensions }
  const root = certificate(profile, rootKey.publicKey, rootKey.privateKey)
  const ownAaguid = new Uint8Array(randomBytes(16))
  return {
    root,
    aaguid: ownAaguid,
    attester(deviations = {}) {
      const { aaguid = ownAaguid, unit = 'Authenticator Attestation', isAuthority = false } = deviations
      const model = 'certifiedModel' in deviations ? deviations.certifiedModel : ownAaguid
      const key = newKey()
      const batch = {
        issuer: rootName,
        subject: batchName(name, unit),
        notAfter: deviations.notAfter ?? NOT_AFTER,
        extensions: [
          basicConstraints({ ca: isAuthority }),
          ...(model === undefined ? [] : [extension(MODEL, false, octetString(model))]),
        ],
      }
      const x5c = certificate(batch, key.publicKey, rootKey.privateKey)
      return {
        aaguid,
        attest: data => packed({ ...data, ...deviations.signs }, key.privateKey, x5c, deviations),
      }
    },
  }
}

function packed(
  { authenticatorData, clientDataHash, credentialKey }: AttestedData,
  key: KeyObject,
  x5c: Uint8Array,
  { alg = ES256, self = false, more = [], flipSignature = false }: AttestationDeviations,
): Statement {
  const signed = concat(authenticatorData, clientDataHash)
  const signature = new Uint8Array(sign('sha256', signed, self ? credentialKey : key))
  if (flipSignature) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
  return {
    format: 'packed',
    statement: map(
      [text('alg'), integer(alg)],
      [text('sig'), bytes(signature)],
      ...(self ? [] : [[text('x5c'), array(bytes(x5c))] as const]),
      ...more,
    ),
  }
}

/** WebAuthn Level 3, 8.2.1: in this order. */
const batchName = (name: string, unit: string): Uint8Array => {
  const attributes: NameAttribute[] = [
    { oid: '2.5.4.6', value: 'JP' },
    { oid: '2.5.4.10', value: name },
    { oid: '2.5.4.11', value: unit },
    { oid: OID.commonName, value: `${name} batch` },
  ]
  return buildName(attributes)
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

interface Profile {
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  readonly notAfter: Date
  readonly extensions: readonly Uint8Array[]
}

function certificate(profile: Profile, publicKey: KeyObject, issuerKey: KeyObject): Uint8Array {
  const tbs = buildTbsCertificate({
    ...profile,
    serialNumber: Uint8Array.of(1, ...randomBytes(8)),
    signatureAlgorithm: 'ecdsa-sha256',
    notBefore: NOT_BEFORE,
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
  })
  return assembleSigned(tbs, 'ecdsa-sha256', new Uint8Array(sign('sha256', tbs, issuerKey)))
}
