/**
 * What the tests of this package share: real keys from `node:crypto`, certificates over them, and openssl as a
 * second opinion. Used by tests only; published entries never import it.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import type { KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKeyPair, signData, spkiOf } from '@natsuin/testing/keys'
import { type KeyType, keyTypes, type SignatureAlgorithm } from './algorithms/algorithms.ts'
import { OID } from './asn1/oid.ts'
import { nodePlatform } from './node/node-platform.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  buildTbsCertificate,
  type CertificateProfile,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
} from './x509/build.ts'
import { type Certificate, parseCertificate } from './x509/certificate.ts'
import { buildName } from './x509/name.ts'
import { assembleSigned } from './x509/signed.ts'

export interface TestKey {
  readonly spki: Uint8Array
  readonly privateKey: KeyObject
  readonly algorithm: SignatureAlgorithm
  /** Signature value as X.509 and CMS carry it. */
  sign(data: Uint8Array, algorithm?: SignatureAlgorithm): Uint8Array
}

export function generateKey(type: KeyType = 'ec-p256'): TestKey {
  const { publicKey, privateKey } = newKeyPair(type)
  const [recommended = 'ecdsa-sha256'] = keyTypes[type].signs
  return {
    spki: spkiOf(publicKey),
    privateKey,
    algorithm: recommended,
    sign: (data, algorithm = recommended) => signData(algorithm, data, privateKey),
  }
}

/** A key with a certificate for it. */
export interface TestEntity {
  readonly key: TestKey
  readonly certificate: Certificate
}

/** The same entity, signing with another algorithm of its key. */
export function signingWith(entity: TestEntity, algorithm: SignatureAlgorithm): TestEntity {
  const { key } = entity
  return { ...entity, key: { ...key, algorithm, sign: data => key.sign(data, algorithm) } }
}

export const NOT_BEFORE = new Date('2026-01-01T00:00:00Z')
export const NOT_AFTER = new Date('2036-01-01T00:00:00Z')
/** A moment at which every certificate of this kit is valid. */
export const NOW = new Date('2026-06-01T12:00:00Z')

let serials = 0

/**
 * A certificate for a new key, issued by `issuer` or self-signed.
 *
 * @param options.extensions  beside the two key identifiers
 * @param options.profile     members of the profile to replace
 */
export async function issue(options: {
  readonly name: string
  readonly issuer?: TestEntity
  readonly keyType?: KeyType
  readonly key?: TestKey
  readonly extensions?: readonly Uint8Array[]
  readonly profile?: Partial<CertificateProfile>
}): Promise<TestEntity> {
  const key = options.key ?? generateKey(options.keyType)
  const signer = options.issuer?.key ?? key
  const subject = buildName([{ oid: OID.commonName, value: options.name }])
  serials += 1
  const profile: CertificateProfile = {
    serialNumber: Uint8Array.of(0x01, serials >> 8, serials & 0xff),
    signatureAlgorithm: signer.algorithm,
    issuer: options.issuer?.certificate.subject.bytes ?? subject,
    subject,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    spki: key.spki,
    extensions: [
      ...(options.extensions ?? []),
      subjectKeyIdentifier(await keyIdentifier(key.spki, nodePlatform)),
      authorityKeyIdentifier(await keyIdentifier(signer.spki, nodePlatform)),
    ],
    ...options.profile,
  }
  const tbs = buildTbsCertificate(profile)
  const algorithm = profile.signatureAlgorithm
  const der = assembleSigned(tbs, algorithm, signer.sign(tbs, algorithm))
  return { key, certificate: parseCertificate(der) }
}

export async function issueRoot(name = 'Root', keyType: KeyType = 'ec-p256'): Promise<TestEntity> {
  return issue({ name, keyType, extensions: CA_EXTENSIONS })
}

export const CA_EXTENSIONS = [basicConstraints({ ca: true }), keyUsage('keyCertSign', 'cRLSign')] as const

/** Calls `use` with a folder that holds these files and is gone afterwards. */
export function withFiles<T>(
  files: Readonly<Record<string, Uint8Array | string>>,
  use: (folder: string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-pki-'))
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** openssl's standard output; throws when it exits with an error. */
export function openssl(folder: string, ...args: readonly string[]): string {
  return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Exit status and everything openssl printed. */
export function tryOpenssl(
  folder: string,
  ...args: readonly string[]
): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

/** PKCS#8 PEM, for openssl. */
export function privateKeyPem(key: TestKey): string {
  return key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
}
