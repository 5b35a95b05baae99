/**
 * What is in a key file, and what is wrong with it. Runs in a thread of its own (`in-thread.ts`): opening takes
 * seconds, and the numbers of a private key, which nobody can wipe, are gone with the thread.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { equal, toHex } from '@natsuin/pki/encoding'
import { type KeyInFile, openKeyFile } from '@natsuin/pki/key-file'
import { digestSync, nodeKeyPlatform, nodePasswordPlatform } from '@natsuin/pki/node'
import { signingCertificateProblem } from '@natsuin/pki/path'
import { parsePrivateKeyInfo, readPrivateKey } from '@natsuin/pki/pkcs8'
import { examinePrivateKey, type KnownKeys, readPublicNumbers } from '@natsuin/pki/weak-keys'
import { type Certificate, readableCertificates, readPublicKey } from '@natsuin/pki/x509'
import type { CertificateReport, KeyProblem, KeyReport } from './report.ts'

export interface Question {
  readonly file: Uint8Array
  /** As it was typed, UTF-8. */
  readonly password: Uint8Array
  /** Further certificates, DER. */
  readonly certificates: readonly Uint8Array[]
  /** SHA-256 of DER SubjectPublicKeyInfo, hexadecimal: keys to refuse. */
  readonly refused: readonly string[]
  /** DER SubjectPublicKeyInfo of other keys, to look for common primes. */
  readonly otherKeys: readonly Uint8Array[]
  readonly at: Date
}

export interface Examined {
  readonly format: 'pkcs12' | 'pkcs8'
  readonly passedOver: number
  readonly keys: readonly ExaminedKey[]
}

export interface ExaminedKey {
  readonly report: KeyReport
  /** Present when nothing is wrong with the key itself. */
  readonly sound: SoundKey | undefined
}

export interface SoundKey {
  readonly keyType: KeyType
  /** DER SubjectPublicKeyInfo, computed from the secret. */
  readonly spki: Uint8Array
  /** DER PrivateKeyInfo. */
  readonly privateKeyInfo: Uint8Array
  /** The key's own first, then those of its issuers that are at hand. */
  readonly chain: readonly Certificate[]
}

/** @throws DerError, KeyFileRefusal */
export function examine(question: Question): Examined {
  const password = new TextDecoder().decode(question.password)
  const { format, keys, certificates, passedOver } = openKeyFile(
    question.file,
    password,
    nodePasswordPlatform,
  )
  const known = readableCertificates([...certificates, ...question.certificates])
  return { format, passedOver, keys: keys.map(key => examineKey(key, known, question)) }
}

function examineKey(key: KeyInFile, known: readonly Certificate[], question: Question): ExaminedKey {
  const { encrypted } = key
  const name = key.name && printable(key.name)
  const examination = examinePrivateKey(
    readPrivateKey(parsePrivateKeyInfo(key.privateKeyInfo)),
    nodeKeyPlatform,
    knownKeys(question),
  )
  if (examination.weakness !== undefined) {
    const report = { name, encrypted, problems: [examination.weakness], certificates: [] }
    return { report: { ...report, keyType: undefined, fingerprint: undefined }, sound: undefined }
  }
  const { spki, privateKeyInfo } = examination
  const { keyType } = readPublicKey(spki)
  const chain = chainOf(spki, known)
  const fingerprint = toHex(digestSync('sha256', spki))
  const problems = problemsOf(keyType, chain, question.at)
  return {
    report: { name, encrypted, keyType, fingerprint, problems, certificates: chain.map(reportCertificate) },
    sound: keyType && { keyType, spki, privateKeyInfo, chain },
  }
}

function knownKeys({ refused, otherKeys }: Question): KnownKeys {
  const moduli = otherKeys.map(readPublicNumbers).flatMap(key => (key.kind === 'rsa' ? [key.modulus] : []))
  return { refused: new Set(refused), otherModuli: moduli }
}

/** A key that no certificate names can still be imported: our own authority certifies it then. */
function problemsOf(
  keyType: KeyType | undefined,
  [own]: readonly Certificate[],
  at: Date,
): readonly KeyProblem[] {
  if (keyType === undefined) return ['key-kind']
  const problem = own && signingCertificateProblem(own, at)
  return problem === undefined ? [] : [`certificate-${problem}`]
}

/** From the key's own certificate up, by the bytes of the names, until one is missing or named by itself. */
function chainOf(spki: Uint8Array, known: readonly Certificate[]): readonly Certificate[] {
  const own = known.find(certificate => equal(certificate.spki, spki))
  const chain: Certificate[] = []
  for (let next = own; next !== undefined && chain.length < MAX_CHAIN; ) {
    const current: Certificate = next
    chain.push(current)
    next = known.find(one => !chain.includes(one) && equal(one.subject.bytes, current.issuer.bytes))
  }
  return chain
}

function reportCertificate({ bytes, subject, issuer, notBefore, notAfter }: Certificate): CertificateReport {
  const fingerprint = toHex(digestSync('sha256', bytes))
  return {
    subject: printable(subject.text),
    issuer: printable(issuer.text),
    notBefore,
    notAfter,
    fingerprint,
  }
}

/** Whoever made the file chose these texts: none of them moves a cursor or turns the line around. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd').slice(0, 255)
}

const MAX_CHAIN = 10
