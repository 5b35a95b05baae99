/**
 * The authorities of the cells. Certificates say where their status is asked, as those of real authorities do: pyHanko
 * looks at no OCSP answer about one that does not. Nobody is asked there, and nobody has these names.
 */
import { OID } from '@natsuin/pki/asn1'
import {
  authorityInfoAccess,
  basicConstraints,
  crlDistributionPoints,
  extKeyUsage,
  keyUsage,
} from '@natsuin/pki/x509'
import { type Entity, issue } from '@natsuin/testing/pki'

const CERTIFIES = [basicConstraints({ ca: true }), keyUsage('keyCertSign', 'cRLSign')]
const STATUS = [
  authorityInfoAccess({ ocsp: ['http://ocsp.invalid/'], caIssuers: ['http://ca.invalid/issuer.der'] }),
  crlDistributionPoints(['http://ca.invalid/list.crl']),
]

/** Extensions of a signer's certificate. */
export const SIGNS = [basicConstraints({ ca: false }), keyUsage('nonRepudiation'), ...STATUS]
const STAMPS = [
  basicConstraints({ ca: false }),
  keyUsage('digitalSignature'),
  extKeyUsage([OID.timeStamping], { critical: true }),
  ...STATUS,
]

export const root = await issue({ name: 'Interop Root', extensions: CERTIFIES })
/** Nobody's certificates here end in it. */
export const foreignRoot = await issue({ name: 'Foreign Root', extensions: CERTIFIES })
export const issuing = await issue({
  name: 'Interop Issuing CA',
  issuer: root,
  extensions: [...CERTIFIES, ...STATUS],
})
export const chain = [issuing.certificate.bytes, root.certificate.bytes]

/** @param notAfter  when its certificate expires */
export function newUnit(name: string, notAfter?: Date): Promise<Entity> {
  return issue({ name, issuer: root, extensions: STAMPS, ...(notAfter === undefined ? {} : { notAfter }) })
}

export const unit = await newUnit('Interop TSU')
