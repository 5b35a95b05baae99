/**
 * Why a key file is not opened, in words that a tool can turn into advice. Bytes that are not the format are a
 * `DerError` instead, as everywhere.
 */
export type KeyFileReason =
  | 'file-too-large'
  | 'too-many-iterations'
  | 'salt-too-long'
  | 'derivation-too-costly'
  | 'too-many-bags'
  /** An algorithm that we do not compute: RC2, RC4 and others that OpenSSL has given up. */
  | 'encryption-unsupported'
  | 'mac-unsupported'
  /** A file without a MAC could have been changed by anybody. */
  | 'mac-missing'
  /** Another password, or a file that was changed: the two cannot be told apart. */
  | 'password-wrong'
  /** Protected by public keys instead of a password (RFC 7292, 3.1). */
  | 'public-key-mode'
  | 'bag-unsupported'
  /** A private key in a format of its algorithm's own. */
  | 'format-unsupported'
  /** PEM with no key, or with several. */
  | 'not-one-key'

/** A key file that is not opened. Carries neither password nor content. */
export class KeyFileRefusal extends Error {
  readonly code = 'key-file-refused'
  readonly reason: KeyFileReason

  /** @param detail an OID or a count; never anything that the password opened */
  constructor(reason: KeyFileReason, detail?: string) {
    super(detail === undefined ? reason : `${reason}: ${detail}`)
    this.name = 'KeyFileRefusal'
    this.reason = reason
  }
}
