/**
 * Preparing a certificate: every check, then the record, and only then something that can be signed.
 *
 * The permission is a value. A `PreparedCertificate` exists only when its record, with serial number and exact
 * bytes, is durable as *prepared*; `issue.ts` takes nothing else, and it is spent by use. (After Boulder, whose
 * issuance prepares, lints and records before its key is asked.)
 */
import { equal, toHex } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { buildTbsCertificate, type CertificateProfile, InvalidName } from '@natsuin/pki/x509'
import { Refusal } from '@natsuin/protocol/refusal'
import type { VerifiedAttestation } from './attestation.ts'
import type { IssuingAuthority, SignerCertification } from './authority.ts'
import type {
  CertificateHolder,
  CertificateRecord,
  IssuedRecord,
  PreparedRecord,
  RevokedRecord,
} from './certificate-record.ts'
import { lintSignerCertificate } from './lint.ts'
import { signerPolicy } from './policies.ts'
import { signerProfile } from './profile.ts'
import { keyTag, newSerialNumber, serialText } from './serial-number.ts'
import { validityFrom } from './validity.ts'

/** Permission to sign these to-be-signed bytes, once. */
export class PreparedCertificate {
  #record: PreparedRecord | undefined

  private constructor(record: PreparedRecord) {
    this.#record = record
  }

  /** Records what is about to be signed. `undefined` when the key has a record already. */
  static async prepare(
    { register }: IssuingAuthority,
    profile: CertificateProfile,
    holder: CertificateHolder,
    lint: (tbs: Uint8Array) => readonly string[],
  ): Promise<PreparedCertificate | undefined> {
    const tbs = buildTbsCertificate(profile)
    const broken = lint(tbs)
    if (broken.length > 0) throw new Error(`the certificate would break its profile: ${broken.join('; ')}`)
    const serial = serialText(profile.serialNumber)
    const keyDigest = keyDigestOf(profile.spki)
    const record: PreparedRecord = { state: 'prepared', serial, keyDigest, holder, tbs }
    return (await register.add(record)) ? new PreparedCertificate(record) : undefined
  }

  /** Takes up a record that an earlier process prepared and did not get to issue. */
  static resume(record: PreparedRecord): PreparedCertificate {
    return new PreparedCertificate(record)
  }

  /** Hands out what is to be signed. A second call is a defect of the caller. */
  redeem(): PreparedRecord {
    const record = this.#record
    this.#record = undefined
    if (record === undefined) throw new Error('a prepared certificate is signed once')
    return record
  }
}

/**
 * Checks an attestation and prepares its certificate, or finds the one that was issued on it before.
 *
 * @throws Refusal `attestation-invalid`, `attestation-foreign`, `level-not-allowed`, `key-certified-for-another`,
 *   `record-altered`
 */
export async function prepareForSigner(
  authority: SignerCertification,
  attestation: VerifiedAttestation,
): Promise<PreparedCertificate | IssuedRecord | RevokedRecord> {
  const known = await authority.register.byKey(keyDigestOf(attestation.content.publicKey))
  if (known !== undefined) return resumeFor(attestation, known)
  const prepared = await prepareNew(authority, attestation)
  if (prepared !== undefined) return prepared
  // Another process was faster; its record is there now.
  const recorded = await authority.register.byKey(keyDigestOf(attestation.content.publicKey))
  if (recorded === undefined) throw new Error('the record of a certified key is gone')
  return resumeFor(attestation, recorded)
}

/** How the register names a key: SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
export const keyDigestOf = (spki: Uint8Array): string => toHex(digestSync('sha256', spki))

/** One key, one attestation, one certificate (sole control, 6). */
function resumeFor({ digest }: VerifiedAttestation, record: CertificateRecord) {
  const { holder } = record
  if (holder.kind !== 'signer' || !equal(holder.attestationDigest, digest)) {
    throw new Refusal('key-certified-for-another', { serial: record.serial })
  }
  return record.state === 'prepared' ? PreparedCertificate.resume(record) : record
}

async function prepareNew(authority: SignerCertification, attestation: VerifiedAttestation) {
  const { issuer } = authority
  const { content, digest } = attestation
  await checkNeverRevoked(authority, content.publicKey)
  const profile = await profileFor(authority, attestation)
  const holder = { kind: 'signer', credentialId: content.credentialId, attestationDigest: digest } as const
  return PreparedCertificate.prepare(authority, profile, holder, tbs =>
    lintSignerCertificate(tbs, {
      issuer,
      spki: content.publicKey,
      subject: content.subject,
      policy: signerPolicy(content),
    }),
  )
}

/** A key without a record that is on the CRL had one: somebody deleted it. @throws Refusal `record-altered` */
async function checkNeverRevoked({ module, crl }: SignerCertification, spki: Uint8Array): Promise<void> {
  const tag = serialText(await keyTag(module, spki))
  if (crl.hasKey(tag)) throw new Refusal('record-altered', { kind: 'certificate', id: keyDigestOf(spki) })
}

async function profileFor(authority: SignerCertification, { content }: VerifiedAttestation) {
  const { module, issuer, addresses, now, validityDays } = authority
  const validity = validityFrom(now(), validityDays, issuer.certificate.notAfter)
  const serialNumber = await newSerialNumber(module, content.publicKey)
  try {
    return await signerProfile({ serialNumber, validity, addresses, issuer, attestation: content })
  } catch (error) {
    if (!(error instanceof InvalidName)) throw error
    throw new Refusal('attestation-invalid', { attribute: error.attribute }, { cause: error })
  }
}
