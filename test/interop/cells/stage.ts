/** Who signs, who tells the time and who is asked about revocations in the cells, and when. */
import { createPrivateKey } from 'node:crypto'
import type { TimeStampSource } from '@natsuin/ades/time-stamping'
import type { RevocationInfo } from '@natsuin/ades/validation-data'
import {
  digestAlgorithms,
  type KeyType,
  keyTypes,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from '@natsuin/pki/algorithms'
import { nodePlatform } from '@natsuin/pki/node'
import type { Certificate } from '@natsuin/pki/x509'
import { signData } from '@natsuin/testing/keys'
import { type Entity, issue, NOT_AFTER, NOW, statusSource, timeStampToken } from '@natsuin/testing/pki'
import { issuing, root, SIGNS, unit } from './authorities.ts'

// Object.keys forgets that the table's keys are its type.
export const ALGORITHMS = Object.keys(signatureAlgorithms) as readonly SignatureAlgorithm[]

const MINUTE = 60_000

/** Signed at 0; what later steps need is had minutes later, and years in the cells that are renewed. */
export const minutes = (count: number): Date => new Date(NOW.getTime() + count * MINUTE)
export const years = (count: number): Date => minutes(count * 366 * 24 * 60)

const signers = new Map<string, Promise<Entity>>()

/**
 * The signer whose key signs with the algorithm.
 *
 * @param notAfter  when the certificate expires; ten years from now where it is not said
 */
export async function signerFor(algorithm: SignatureAlgorithm, notAfter?: Date): Promise<Entity> {
  const { certificate, privateKey } = await certified(keyTypeFor(algorithm), notAfter)
  const key = createPrivateKey(privateKey)
  return { certificate, algorithm, privateKey, sign: data => signData(algorithm, data, key) }
}

function certified(keyType: KeyType, notAfter = NOT_AFTER): Promise<Entity> {
  const name = `Signer ${keyType} until ${notAfter.getUTCFullYear()}`
  const made = signers.get(name) ?? issue({ name, issuer: issuing, keyType, extensions: SIGNS, notAfter })
  signers.set(name, made)
  return made
}

/** On a curve, the one that is as strong as the digest. */
function keyTypeFor(algorithm: SignatureAlgorithm): KeyType {
  const { key, digest } = signatureAlgorithms[algorithm]
  const found = (Object.keys(keyTypes) as KeyType[]).find(
    type =>
      keyTypes[type].family === key &&
      (key !== 'ec' || digestOf(type).size === digestAlgorithms[digest].size),
  )
  if (found === undefined) throw new RangeError(`no key signs with ${algorithm}`)
  return found
}

function digestOf(type: KeyType) {
  const [algorithm = 'ecdsa-sha256'] = keyTypes[type].signs
  return digestAlgorithms[signatureAlgorithms[algorithm].digest]
}

/** A time-stamping authority whose clock stands. */
export function timeStampAt(genTime: Date, by: Entity = unit): TimeStampSource {
  return (imprint, algorithm) => timeStampToken(imprint, algorithm, by, genTime)
}

/** What augmenting takes. */
export interface Augmenting {
  readonly at?: Date
  readonly stampedBy?: Entity
  /** What the authorities answer with. */
  readonly kind?: 'ocsp' | 'crl'
}

/** The options that all formats take for it. */
export function lasting({ at = minutes(60), stampedBy, kind = 'ocsp' }: Augmenting) {
  return {
    platform: nodePlatform,
    at,
    timeStamp: timeStampAt(at, stampedBy),
    trustAnchors: [root.certificate.bytes],
    revocation: statusSource({ kind }),
  }
}

/**
 * What a judge could learn at the time from the authorities of these certificates: the document does not bring it, and no
 * judge asks anybody here.
 */
export function statusOf(
  entities: readonly Entity[],
  at: Date,
  revoked?: Entity,
): Promise<readonly RevocationInfo[]> {
  const source = statusSource(revoked === undefined ? {} : { revoked: new Map([[revoked.certificate, NOW]]) })
  return Promise.all(
    entities.map(({ certificate }) => source({ certificate, issuer: issuerOf(certificate), at })),
  )
}

function issuerOf({ issuer }: Certificate): Certificate {
  return issuer.text === root.certificate.subject.text ? root.certificate : issuing.certificate
}
