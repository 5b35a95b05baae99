/** The names of EC keys in DER: RFC 5480, 2.1.1 and 2.1.1.1. */
import { type Curve, type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { type Der, OID, oid, sequence } from '@natsuin/pki/asn1'

const curveIdentifier = (type: KeyType): Der => oid(keyTypes[type].curveOid ?? '')

/** OBJECT IDENTIFIER of each curve; also what CKA_EC_PARAMS holds. */
export const curveIdentifiers: Readonly<Record<Curve, Uint8Array>> = {
  'P-256': curveIdentifier('ec-p256'),
  'P-384': curveIdentifier('ec-p384'),
  'P-521': curveIdentifier('ec-p521'),
}

/** AlgorithmIdentifier of an EC key: id-ecPublicKey with the curve. */
export const ecAlgorithm = (curve: Curve): Der => sequence(oid(OID.ecPublicKey), curveIdentifiers[curve])
