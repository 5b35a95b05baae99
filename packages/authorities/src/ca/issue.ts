/**
 * Issuing: the one function that makes the issuing key sign a certificate, and the method `issue` around it.
 *
 * A process that is killed between the two records leaves a *prepared* one and no certificate that anybody has:
 * the same attestation brings the same bytes to the same serial number again.
 */
import { VerifiedAttestation } from './attestation.ts'
import type { IssuingAuthority, SignerCertification } from './authority.ts'
import type { IssuedRecord, RevokedRecord } from './certificate-record.ts'
import { signTbs } from './issuer.ts'
import type { OneAtATime } from './one-at-a-time.ts'
import { keyDigestOf, PreparedCertificate, prepareForSigner } from './prepare.ts'

/**
 * The certificate for an attested key, DER. The same attestation again, at whatever time, returns the same one.
 *
 * @param keyAttestation compact JWS
 * @throws Refusal as `prepareForSigner` and `VerifiedAttestation.verify`
 */
export async function issue(
  authority: SignerCertification,
  keyAttestation: string,
  keys: OneAtATime,
): Promise<Uint8Array> {
  const attestation = await VerifiedAttestation.verify(keyAttestation, authority.policy, authority.now())
  return keys.run(keyDigestOf(attestation.content.publicKey), async () => {
    const prepared = await prepareForSigner(authority, attestation)
    if (!(prepared instanceof PreparedCertificate)) return prepared.certificate
    return (await signPrepared(authority, prepared)).certificate
  })
}

/** Signs what was prepared and records it as issued; the recorded certificate is the only one that leaves. */
export async function signPrepared(
  { module, issuer, register }: IssuingAuthority,
  prepared: PreparedCertificate,
): Promise<IssuedRecord | RevokedRecord> {
  const { serial, keyDigest, holder, tbs } = prepared.redeem()
  const certificate = await signTbs(module, issuer.key, tbs)
  const issued: IssuedRecord = { state: 'issued', serial, keyDigest, holder, certificate }
  if (await register.move('prepared', issued)) return issued
  const recorded = await register.byKey(keyDigest)
  if (recorded === undefined || recorded.state === 'prepared') {
    throw new Error('the record of a prepared certificate is gone')
  }
  return recorded
}
