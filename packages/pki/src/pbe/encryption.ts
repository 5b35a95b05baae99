/**
 * Encryption under a password, as key files name it: PBES2 (RFC 8018, 6.2) with AES or Triple DES in CBC mode, and
 * of the older schemes of RFC 7292, appendix C the one whose cipher the platform still has.
 *
 * Reading an AlgorithmIdentifier takes its work from the budget; nothing has been computed by then.
 */
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { readInteger, readOctetString } from '../asn1/read.ts'
import type { PasswordCipher, PasswordPlatform } from '../platform/index.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { checkedIterations, checkedSalt, type WorkBudget } from './budget.ts'
import { derivationWork, deriveKey, readDerivation } from './derivation.ts'
import { KeyFileRefusal } from './key-file-refusal.ts'
import type { Password } from './password.ts'
import { PURPOSE, pkcs12Key, pkcs12Work } from './pkcs12-key.ts'

export interface Encryption {
  /** `undefined` when the padding is wrong, as it is under nearly every wrong key. */
  decrypt(platform: PasswordPlatform, password: Password, data: Uint8Array): Uint8Array | undefined
}

/** @throws KeyFileRefusal `encryption-unsupported` and those of derivations and budget */
export function readEncryption(node: DerNode, budget: WorkBudget): Encryption {
  const { oid, parameters } = readAlgorithmIdentifier(node)
  const read = SCHEMES[oid]
  if (read === undefined || parameters === undefined) throw new KeyFileRefusal('encryption-unsupported', oid)
  return read(parameters, budget)
}

const SCHEMES: Readonly<Record<string, (parameters: DerNode, budget: WorkBudget) => Encryption>> = {
  [OID.pbes2]: readPbes2,
  [OID.pbeWithSha1And3KeyTripleDesCbc]: readTripleDes,
}

/** RFC 8018, A.4. */
function readPbes2(node: DerNode, budget: WorkBudget): Encryption {
  return readFields(node, 'PBES2-params', fields => {
    const derivation = readDerivation(fields.take('keyDerivationFunc'))
    const { cipher, iv } = readCipher(fields.take('encryptionScheme'))
    const { keyBytes } = CIPHERS[cipher]
    if ((derivation.keyLength ?? keyBytes) !== keyBytes)
      throw new KeyFileRefusal('encryption-unsupported', 'keyLength')
    budget.take(derivationWork(derivation, keyBytes))
    return {
      decrypt: (platform, password, data) =>
        platform.decrypt(cipher, deriveKey(platform, derivation, password.utf8, keyBytes), iv, data),
    }
  })
}

/** RFC 8018, B.2.2 and B.2.5: the parameters are the initialization vector. */
function readCipher(node: DerNode): { readonly cipher: PasswordCipher; readonly iv: Uint8Array } {
  const { oid, parameters } = readAlgorithmIdentifier(node)
  const cipher = CIPHER_NAMES.find(name => CIPHERS[name].oid === oid)
  if (cipher === undefined || parameters === undefined)
    throw new KeyFileRefusal('encryption-unsupported', oid)
  const iv = readOctetString(parameters)
  if (iv.length !== CIPHERS[cipher].blockBytes) throw new KeyFileRefusal('encryption-unsupported', 'iv')
  return { cipher, iv }
}

/** RFC 7292, appendix C: pkcs-12PbeParams; key and vector come from the same password, salt and count. */
function readTripleDes(node: DerNode, budget: WorkBudget): Encryption {
  return readFields(node, 'pkcs-12PbeParams', fields => {
    const salt = checkedSalt(readOctetString(fields.take('salt')))
    const iterations = checkedIterations(readInteger(fields.take('iterations')))
    const derivation = { digest: 'sha1', salt, iterations } as const
    const { keyBytes, blockBytes } = CIPHERS['des-ede3-cbc']
    budget.take(pkcs12Work(derivation, keyBytes) + pkcs12Work(derivation, blockBytes))
    return {
      decrypt(platform, { bmp }, data) {
        const key = pkcs12Key(platform, derivation, bmp, { purpose: PURPOSE.key, length: keyBytes })
        const iv = pkcs12Key(platform, derivation, bmp, { purpose: PURPOSE.iv, length: blockBytes })
        return platform.decrypt('des-ede3-cbc', key, iv, data)
      },
    }
  })
}

const CIPHERS = {
  'aes-128-cbc': { oid: OID.aes128Cbc, keyBytes: 16, blockBytes: 16 },
  'aes-192-cbc': { oid: OID.aes192Cbc, keyBytes: 24, blockBytes: 16 },
  'aes-256-cbc': { oid: OID.aes256Cbc, keyBytes: 32, blockBytes: 16 },
  'des-ede3-cbc': { oid: OID.desEde3Cbc, keyBytes: 24, blockBytes: 8 },
} as const satisfies Record<PasswordCipher, unknown>
// Object.keys loses the key type of a Record that is exhaustive by construction.
const CIPHER_NAMES = Object.keys(CIPHERS) as readonly PasswordCipher[]
