/** A credential whose certificate has ended signs nothing; the SAM refuses it too, with fewer words. */
import { OID } from '@natsuin/pki/asn1'
import type { Name } from '@natsuin/pki/x509'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Credential, endEntityOf } from '../../signing/credentials.ts'
import { RequestRefused } from '../errors.ts'

/** @throws Refusal `credential-revoked`; RequestRefused `signing-certificate-expired` */
export function checkUsable(credential: Credential): void {
  if (credential.status === 'revoked') throw new Refusal('credential-revoked')
  if (credential.status !== 'expired') return
  throw new RequestRefused('signing-certificate-expired', inV1Words(endEntityOf(credential).subject))
}

/** CSC API v1.0.4.0, 11.9, tells the certificate by these two attributes alone. */
function inV1Words({ attributes }: Name): string {
  const value = (oid: string) => attributes.find(attribute => attribute.oid === oid)?.value ?? ''
  return `O=${value(OID.organizationName)},CN=${value(OID.commonName)}`
}
