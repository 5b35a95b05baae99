/**
 * The MAC of a PKCS #12 file: HMAC under a key of RFC 7292, B.2, or PBMAC1 (RFC 9579), whose parameters name
 * everything and the older fields beside them nothing.
 */
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { readInteger, readOctetString } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { checkedIterations, checkedSalt, type WorkBudget } from '../pbe/budget.ts'
import { derivationWork, deriveKey, readDerivation } from '../pbe/derivation.ts'
import { passwordDigests, readPasswordDigest } from '../pbe/digests.ts'
import { KeyFileRefusal } from '../pbe/key-file-refusal.ts'
import type { Password } from '../pbe/password.ts'
import { PURPOSE, pkcs12Key, pkcs12Work } from '../pbe/pkcs12-key.ts'
import type { PasswordDigest, PasswordPlatform } from '../platform/index.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'

export interface Mac {
  readonly value: Uint8Array
  compute(platform: PasswordPlatform, password: Password, data: Uint8Array): Uint8Array
}

interface OlderFields {
  readonly salt: Uint8Array
  readonly iterations: bigint
}

type Compute = Mac['compute']

/** RFC 7292, 4: MacData; the number of iterations is 1 where it is not there. */
export function readMac(node: DerNode, budget: WorkBudget): Mac {
  return readFields(node, 'MacData', fields => {
    const digestInfo = fields.take('mac')
    const salt = readOctetString(fields.take('macSalt'))
    const iterations = fields.optional(TAG.integer)
    const older = { salt, iterations: iterations === undefined ? 1n : readInteger(iterations) }
    return readFields(digestInfo, 'DigestInfo', inner => {
      const compute = readAlgorithm(inner.take('digestAlgorithm'), older, budget)
      return { value: readOctetString(inner.take('digest')), compute }
    })
  })
}

function readAlgorithm(node: DerNode, older: OlderFields, budget: WorkBudget): Compute {
  const { oid, parameters } = readAlgorithmIdentifier(node)
  if (oid !== OID.pbmac1) return readHmac(node, older, budget)
  if (parameters === undefined) throw new DerError('missing-field', 'PBMAC1-params')
  return readPbmac1(parameters, budget)
}

function readHmac(node: DerNode, { salt, iterations }: OlderFields, budget: WorkBudget): Compute {
  const digest = readPasswordDigest(node, 'oid')
  if (digest === undefined) throw new KeyFileRefusal('mac-unsupported')
  const derivation = { digest, salt: checkedSalt(salt), iterations: checkedIterations(iterations) }
  const output = { purpose: PURPOSE.mac, length: passwordDigests[digest].size }
  budget.take(pkcs12Work(derivation, output.length))
  return (platform, { bmp }, data) =>
    platform.hmac(digest, pkcs12Key(platform, derivation, bmp, output), data)
}

/** RFC 8018, A.5, as RFC 9579 narrows it: PBKDF2 with a length that is given, and an HMAC. */
function readPbmac1(node: DerNode, budget: WorkBudget): Compute {
  return readFields(node, 'PBMAC1-params', fields => {
    const derivation = readDerivation(fields.take('keyDerivationFunc'))
    const digest = readPasswordDigest(fields.take('messageAuthScheme'), 'hmacOid')
    if (derivation.kind !== 'pbkdf2' || digest === undefined) throw new KeyFileRefusal('mac-unsupported')
    const length = checkedKeyLength(derivation.keyLength, digest)
    budget.take(derivationWork(derivation, length))
    return (platform, { utf8 }, data) =>
      platform.hmac(digest, deriveKey(platform, derivation, utf8, length), data)
  })
}

/**
 * A short key would make the MAC a guess, a long one only work: at least 20 octets, as RFC 9579 demands, at most
 * the digest's size.
 */
function checkedKeyLength(keyLength: number | undefined, digest: PasswordDigest): number {
  if (keyLength === undefined || keyLength < 20 || keyLength > passwordDigests[digest].size) {
    throw new KeyFileRefusal('mac-unsupported', 'keyLength')
  }
  return keyLength
}
