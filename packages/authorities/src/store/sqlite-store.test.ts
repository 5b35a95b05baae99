import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createSqliteStore, openSqliteStore } from './sqlite-store.ts'
import type { CertificateRow, Store } from './store.ts'

const row = (changes: Partial<CertificateRow> = {}): CertificateRow => ({
  keyDigest: 'k1',
  serial: '41',
  state: 'prepared',
  sealed: Uint8Array.of(1, 2, 3),
  ...changes,
})

describe('the store on the embedded database', () => {
  let directory: string
  let path: string
  let store: Store
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'natsuin-store-'))
    path = join(directory, 'authorities.db')
    store = createSqliteStore(path)
  })
  afterEach(async () => {
    await store.close()
    rmSync(directory, { recursive: true })
  })

  it('is made once, and never made up when it is missing', async () => {
    assert.throws(() => createSqliteStore(path), /exists already/)
    assert.throws(() => openSqliteStore(join(directory, 'other.db')), /is missing/)
  })

  it('is one process to itself', async () => {
    assert.throws(() => openSqliteStore(path), /in use by another process/)
    await store.close()
    store = openSqliteStore(path)
  })

  it('is not opened when it is of another make', async () => {
    const stranger = join(directory, 'stranger.db')
    writeFileSync(stranger, '')
    assert.throws(() => openSqliteStore(stranger), /no store of version 1/)
  })

  it('keeps what was written over closing and opening', async () => {
    await store.putAuthority('root', Uint8Array.of(9))
    await store.insertCertificate(row())
    await store.close()
    store = openSqliteStore(path)
    assert.deepEqual(await store.authority('root'), Uint8Array.of(9))
    assert.equal(await store.authority('issuing'), undefined)
    assert.deepEqual(await store.certificateByKey('k1'), row())
    assert.deepEqual(await store.certificateBySerial('41'), row())
    assert.equal(await store.certificateBySerial('42'), undefined)
  })

  it('has one record for a key, and one for a serial number', async () => {
    assert.equal(await store.insertCertificate(row()), true)
    assert.equal(await store.insertCertificate(row({ serial: '42' })), false)
    assert.deepEqual(await store.certificateByKey('k1'), row())
    await assert.rejects(store.insertCertificate(row({ keyDigest: 'k2' })), /UNIQUE/)
    assert.equal(await store.certificateByKey('k2'), undefined)
  })

  it('moves a record only from the state it is in', async () => {
    await store.insertCertificate(row())
    const issued = row({ state: 'issued', sealed: Uint8Array.of(4) })
    assert.equal(await store.moveCertificate('issued', issued), false)
    assert.equal(await store.moveCertificate('prepared', issued), true)
    assert.equal(await store.moveCertificate('prepared', row({ state: 'issued' })), false)
    assert.deepEqual(await store.certificateByKey('k1'), issued)
    assert.deepEqual(await store.revokedCertificates(), [])
    await store.moveCertificate('issued', row({ state: 'revoked' }))
    assert.deepEqual(await store.revokedCertificates(), [row({ state: 'revoked' })])
  })

  it('hands out serial numbers of time-stamps once, never below the floor', async () => {
    assert.equal(await store.takeTimeStampSerials(1000, 10), 1000)
    assert.equal(await store.takeTimeStampSerials(5, 10), 1010)
    assert.equal(await store.takeTimeStampSerials(2000, 10), 2000)
    assert.equal(await store.nextTimeStampSerial(), 2010)
  })
})
