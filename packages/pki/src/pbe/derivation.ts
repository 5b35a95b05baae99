/**
 * The two key derivations of RFC 8018 and RFC 7914 that encryption under a password names, read and bounded before
 * they run.
 */
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { readInteger, readOctetString, readSmallInteger } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import type { PasswordPlatform, Pbkdf2Question, ScryptQuestion } from '../platform/index.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { checkedIterations, checkedSalt, KEY_FILE_LIMITS } from './budget.ts'
import { passwordDigests, readPasswordDigest } from './digests.ts'
import { KeyFileRefusal } from './key-file-refusal.ts'

export type Derivation =
  | ({ readonly kind: 'pbkdf2' } & Omit<Pbkdf2Question, 'password' | 'length'> & WithKeyLength)
  | ({ readonly kind: 'scrypt' } & Omit<ScryptQuestion, 'password' | 'length'> & WithKeyLength)

interface WithKeyLength {
  /** Octets, where the parameters say so. */
  readonly keyLength: number | undefined
}

/** @throws KeyFileRefusal `encryption-unsupported`, `too-many-iterations`, `salt-too-long`, `derivation-too-costly` */
export function readDerivation(node: DerNode): Derivation {
  const { oid, parameters } = readAlgorithmIdentifier(node)
  const read = READERS[oid]
  if (read === undefined || parameters === undefined) throw new KeyFileRefusal('encryption-unsupported', oid)
  return read(parameters)
}

/** How much computing it is, in units of one hash. */
export function derivationWork(derivation: Derivation, length: number): number {
  if (derivation.kind === 'scrypt') return scryptBlocks(derivation) * derivation.parallelization
  return derivation.iterations * Math.ceil(length / passwordDigests[derivation.digest].size)
}

export function deriveKey(
  platform: PasswordPlatform,
  derivation: Derivation,
  password: Uint8Array,
  length: number,
): Uint8Array {
  return derivation.kind === 'scrypt'
    ? platform.scrypt({ ...derivation, password, length })
    : platform.pbkdf2({ ...derivation, password, length })
}

const READERS: Readonly<Record<string, (parameters: DerNode) => Derivation>> = {
  [OID.pbkdf2]: readPbkdf2,
  [OID.scrypt]: readScrypt,
}

/** RFC 8018, A.2. The salt is given; where it would come from elsewhere, nobody says from where. */
function readPbkdf2(node: DerNode): Derivation {
  return readFields(node, 'PBKDF2-params', fields => {
    const salt = checkedSalt(readOctetString(fields.take('salt')))
    const iterations = checkedIterations(readInteger(fields.take('iterationCount')))
    const keyLength = fields.optional(TAG.integer)
    const prf = fields.optional(TAG.sequence)
    const digest = prf === undefined ? 'sha1' : readPasswordDigest(prf, 'hmacOid')
    if (digest === undefined) throw new KeyFileRefusal('encryption-unsupported', 'prf')
    return { kind: 'pbkdf2', salt, iterations, digest, keyLength: keyLength && readSmallInteger(keyLength) }
  })
}

/** RFC 7914, 7. */
function readScrypt(node: DerNode): Derivation {
  return readFields(node, 'scrypt-params', fields => {
    const salt = checkedSalt(readOctetString(fields.take('salt')))
    const cost = readSmallInteger(fields.take('costParameter'))
    const blockSize = readSmallInteger(fields.take('blockSize'))
    const parallelization = readSmallInteger(fields.take('parallelizationParameter'))
    const keyLength = fields.optional(TAG.integer)
    const asked = { cost, blockSize, parallelization }
    checkScrypt(asked)
    return { kind: 'scrypt', salt, ...asked, keyLength: keyLength && readSmallInteger(keyLength) }
  })
}

/** RFC 7914, 6: the cost is a power of two above one. */
function checkScrypt(asked: Pick<ScryptQuestion, 'cost' | 'blockSize' | 'parallelization'>): void {
  const { cost, blockSize, parallelization } = asked
  const isCost = cost > 1 && Number.isInteger(Math.log2(cost))
  if (!isCost || blockSize < 1 || parallelization < 1)
    throw new KeyFileRefusal('encryption-unsupported', 'scrypt')
  if (scryptBlocks(asked) > KEY_FILE_LIMITS.maxScryptBlocks) throw new KeyFileRefusal('derivation-too-costly')
}

const scryptBlocks = ({ cost, blockSize }: { readonly cost: number; readonly blockSize: number }): number =>
  cost * blockSize
