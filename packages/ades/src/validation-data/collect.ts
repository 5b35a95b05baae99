/**
 * The validation data of long-term signatures: every certificate that a validator needs, and for each below a trust
 * anchor what says that it is not revoked (EN 319 142-1 V1.2.1, 5.4.1; EN 319 122-1 V1.3.1, 6.3, which the formats share).
 *
 * Nothing is taken that does not verify: data that cannot be relied on would make a signature look lasting until
 * the day it is needed.
 */
import { OID } from '@natsuin/pki/asn1'
import { toHex } from '@natsuin/pki/encoding'
import { validatePath } from '@natsuin/pki/path'
import type { Platform } from '@natsuin/pki/platform'
import { type Certificate, parseCertificate, readableCertificates } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'
import { judgeRevocation, type RevocationJudgement } from './judge-revocation.ts'
import type { RevocationInfo, RevocationSource } from './revocation-source.ts'

/** A certificate that somebody will have to validate later. */
export interface Subject {
  /** DER. */
  readonly certificate: Uint8Array
  readonly purpose: 'signing' | 'time-stamping'
  /**
   * When a time-stamp proves that the key had been used; a later revocation does no harm then (EN 319 102-1 V1.4.1,
   * 5.2.6.4). Without it any revocation is refused.
   */
  readonly usedBefore?: Date | undefined
}

export interface CollectOptions {
  readonly subjects: readonly Subject[]
  /** Where issuers may be found; trusted for nothing. DER each. */
  readonly untrusted: readonly Uint8Array[]
  /** DER each. */
  readonly trustAnchors: readonly Uint8Array[]
  /** When everything shall be valid and current. */
  readonly at: Date
  readonly revocation: RevocationSource
  readonly platform: Platform
}

/** DER each, every one once. */
export interface ValidationData {
  readonly certificates: readonly Uint8Array[]
  /** OCSPResponse, the envelope included. */
  readonly ocspResponses: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
}

/**
 * @throws AdesRefusal `no-path`, `certificate-expired`, `certificate-revoked`, `status-unavailable`, `status-invalid`
 * @throws DerError when a subject or a trust anchor is not a certificate
 */
export async function collectValidationData(options: CollectOptions): Promise<ValidationData> {
  const collection = new Collection(options)
  for (const subject of options.subjects) await collection.add(subject)
  return collection.data()
}

class Collection {
  readonly #options: CollectOptions
  readonly #intermediates: readonly Certificate[]
  readonly #trustAnchors: readonly Certificate[]
  /** By their bytes, so that everything is there once. */
  readonly #certificates = new Map<string, Uint8Array>()
  readonly #information = new Map<string, RevocationInfo>()
  readonly #judged = new Map<string, RevocationJudgement>()

  constructor(options: CollectOptions) {
    this.#options = options
    this.#intermediates = readableCertificates(options.untrusted)
    this.#trustAnchors = options.trustAnchors.map(parseCertificate)
  }

  data(): ValidationData {
    const information = [...this.#information.values()]
    const ofKind = (kind: RevocationInfo['kind']) =>
      information.filter(info => info.kind === kind).map(info => info.der)
    return {
      certificates: [...this.#certificates.values()],
      ocspResponses: ofKind('ocsp'),
      crls: ofKind('crl'),
    }
  }

  async add(subject: Subject): Promise<void> {
    const path = await this.#pathOf(subject)
    for (const certificate of path) this.#keep(certificate)
    for (const [i, certificate] of path.entries()) {
      const issuer = path[i + 1]
      if (issuer !== undefined) await this.#check(certificate, issuer, subject)
    }
  }

  async #pathOf({ certificate, purpose }: Subject): Promise<readonly Certificate[]> {
    const { at, platform } = this.#options
    const leaf = parseCertificate(certificate)
    const verdict = await validatePath({
      leaf,
      intermediates: this.#intermediates,
      trustAnchors: this.#trustAnchors,
      at,
      platform,
      ...(purpose === 'time-stamping' ? { keyPurpose: OID.timeStamping } : {}),
    })
    if (verdict.valid) return verdict.path
    const { problem } = verdict
    const code = problem === 'expired' || problem === 'not-yet-valid' ? 'certificate-expired' : 'no-path'
    throw new AdesRefusal(code, `${problem}: ${verdict.certificate.subject.text}`)
  }

  async #check(certificate: Certificate, issuer: Certificate, subject: Subject): Promise<void> {
    const key = toHex(certificate.bytes)
    const judgement = this.#judged.get(key) ?? (await this.#ask(certificate, issuer))
    const harmless = judgement.kind === 'revoked' && isAfter(judgement.revokedAt, subject.usedBefore)
    if (judgement.kind === 'unusable')
      throw new AdesRefusal('status-invalid', `${judgement.problem}: ${certificate.subject.text}`)
    if (judgement.kind === 'revoked' && !harmless)
      throw new AdesRefusal('certificate-revoked', certificate.subject.text)
    if (this.#judged.has(key)) return
    // Before its signer is looked at, who may be asked about by itself.
    this.#judged.set(key, judgement)
    await this.#checkSigner(judgement.signer, issuer, subject)
  }

  async #ask(certificate: Certificate, issuer: Certificate): Promise<RevocationJudgement> {
    const { revocation, at, platform } = this.#options
    const info = await revocation({ certificate, issuer, at })
    const judgement = await judgeRevocation(info, { certificate, issuer, at }, platform)
    if (judgement.kind !== 'unusable') this.#information.set(toHex(info.der), info)
    return judgement
  }

  /** A delegated responder is a certificate like any other, unless its issuer says that it is not asked about. */
  async #checkSigner(signer: Certificate, issuer: Certificate, subject: Subject): Promise<void> {
    if (signer === issuer) return
    this.#keep(signer)
    // RFC 6960, 4.2.2.2.1.
    if (!signer.extensions.ocspNoCheck) await this.#check(signer, issuer, subject)
  }

  #keep({ bytes }: Certificate): void {
    this.#certificates.set(toHex(bytes), bytes)
  }
}

function isAfter(revokedAt: Date, usedBefore: Date | undefined): boolean {
  return usedBefore !== undefined && revokedAt > usedBefore
}
