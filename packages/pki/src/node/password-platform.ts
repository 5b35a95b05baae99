/** What opening a file under a password needs, over `node:crypto`. OpenSSL has no RC2 and RC4 to offer any more. */
import { createDecipheriv, createHmac, hash, pbkdf2Sync, scryptSync } from 'node:crypto'
import { concat } from '../encoding/bytes.ts'
import type { PasswordPlatform } from '../platform/index.ts'

export const nodePasswordPlatform: PasswordPlatform = {
  hash: (digest, bytes) => hash(digest, bytes, 'buffer'),
  hmac: (digest, key, data) => createHmac(digest, key).update(data).digest(),

  pbkdf2({ password, salt, iterations, digest, length }) {
    return pbkdf2Sync(password, salt, iterations, length, digest)
  },

  scrypt({ password, salt, cost, blockSize, parallelization, length }) {
    // OpenSSL counts the vector of 128·N·r octets and some blocks beside it.
    const maxmem = 128 * blockSize * (cost + parallelization + 2) + 1024
    return scryptSync(password, salt, length, { cost, blockSize, parallelization, maxmem })
  },

  decrypt(cipher, key, iv, data) {
    const decipher = createDecipheriv(cipher, key, iv)
    try {
      return concat(decipher.update(data), decipher.final())
    } catch {
      return undefined
    }
  },
}
