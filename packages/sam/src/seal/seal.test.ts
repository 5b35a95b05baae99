import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { type CryptoModule, createSoftwareModule } from '@natsuin/crypto-module'
import { newFolder } from '../fixture/place.ts'
import { assertRefuses } from '../fixture/refusals.ts'
import { Seal } from './seal.ts'

const name = { kind: 'credential', id: 'c-1', version: 3 }
const content = new Uint8Array(randomBytes(200))

describe('sealed records', () => {
  let module: CryptoModule
  let seal: Seal
  before(async () => {
    module = await createSoftwareModule({ directory: join(newFolder(), 'keys') })
    await module.createMacKey('seal')
    await module.createMacKey('other')
    seal = await Seal.derive(module, 'seal')
  })

  it('open to what was sealed, also in the next process', async () => {
    const sealed = seal.close(name, content)
    assert.deepEqual(new Uint8Array(seal.open(name, sealed)), content)
    const again = await Seal.derive(module, 'seal')
    assert.deepEqual(new Uint8Array(again.open(name, sealed)), content)
  })

  it('look different each time', () => {
    assert.notDeepEqual(seal.close(name, content), seal.close(name, content))
  })

  it('do not open under another kind, id or version', () => {
    const sealed = seal.close(name, content)
    for (const other of [{ kind: 'signer' }, { id: 'c-2' }, { version: 2 }, { version: 4 }]) {
      assertRefuses('record-altered', () => seal.open({ ...name, ...other }, sealed))
    }
  })

  it('do not open under the seal of another module key', async () => {
    const other = await Seal.derive(module, 'other')
    assertRefuses('record-altered', () => other.open(name, seal.close(name, content)))
  })

  it('do not open with any one byte changed, or cut short', () => {
    const sealed = seal.close(name, content)
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.with(at, (sealed[at] ?? 0) ^ 1)
      assertRefuses('record-altered', () => seal.open(name, changed))
    }
    for (let length = 0; length < sealed.length; length++) {
      assertRefuses('record-altered', () => seal.open(name, sealed.subarray(0, length)))
    }
  })
})
