/**
 * What `authorities` keeps: sealed records by key, and the serial numbers of time-stamps.
 *
 * The store is trusted to be there, not to be honest: what it returns is opened with the seal before anything is
 * believed, and the columns beside a sealed record only serve to find it. Every write is durable when its
 * promise resolves.
 */

/** Where a certificate is on its way; it only ever moves down this list. */
export type CertificateState = 'prepared' | 'issued' | 'revoked'

export interface CertificateRow {
  /** SHA-256 of the certified SubjectPublicKeyInfo, lower-case hex. */
  readonly keyDigest: string
  /** Content octets of the serial number, lower-case hex. */
  readonly serial: string
  readonly state: CertificateState
  readonly sealed: Uint8Array
}

export interface Store {
  /** The sealed certificate of one of the authorities. */
  authority(name: string): Promise<Uint8Array | undefined>
  putAuthority(name: string, sealed: Uint8Array): Promise<void>

  certificateByKey(keyDigest: string): Promise<CertificateRow | undefined>
  certificateBySerial(serial: string): Promise<CertificateRow | undefined>
  /** `false` when the key has a record already. @throws Error when the serial number is taken: it never repeats */
  insertCertificate(row: CertificateRow): Promise<boolean>
  /** Replaces the record of this key if it still is in `from`; `false` when it is not. */
  moveCertificate(from: CertificateState, row: CertificateRow): Promise<boolean>
  revokedCertificates(): Promise<readonly CertificateRow[]>

  /** Takes `count` serial numbers for time-stamps that nobody took before, none below `floor`. Returns the first. */
  takeTimeStampSerials(floor: number, count: number): Promise<number>
  /** One more than the highest serial number taken. */
  nextTimeStampSerial(): Promise<number>

  close(): Promise<void>
}
