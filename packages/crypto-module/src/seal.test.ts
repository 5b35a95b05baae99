import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { concat, utf8 } from '@natsuin/pki/encoding'
import fc from 'fast-check'
import { type RecordName, Seal } from './seal.ts'
import { createSoftwareModule } from './software/software-module.ts'

describe('sealed records', () => {
  const directory = mkdtempSync(join(tmpdir(), 'natsuin-seal-'))
  const name: RecordName = { kind: 'certificate', id: 'a', version: 1 }
  let seal: Seal
  let again: Seal
  let others: readonly Seal[]
  before(async () => {
    const module = await createSoftwareModule({ directory: join(directory, 'keys') })
    await module.createMacKey('seal')
    await module.createMacKey('other')
    seal = await Seal.derive(module, 'seal', 'records')
    again = await Seal.derive(module, 'seal', 'records')
    others = [
      await Seal.derive(module, 'other', 'records'),
      await Seal.derive(module, 'seal', 'other records'),
    ]
  })
  after(() => rmSync(directory, { recursive: true }))

  const same = (opened: Uint8Array | undefined, content: Uint8Array) =>
    assert.deepEqual(opened && new Uint8Array(opened), content)

  it('open to what was sealed, also in the next process, and never show it', () => {
    const sealed = seal.close(name, utf8('the content'))
    same(seal.open(name, sealed), utf8('the content'))
    same(again.open(name, sealed), utf8('the content'))
    assert.doesNotMatch(Buffer.from(sealed).toString('latin1'), /content/)
    same(seal.open(name, seal.close(name, new Uint8Array())), new Uint8Array())
  })

  it('differ each time they are sealed', () => {
    assert.notDeepEqual(seal.close(name, utf8('x')), seal.close(name, utf8('x')))
  })

  it('open only as what they are, and with the key they were sealed with', () => {
    const sealed = seal.close(name, utf8('x'))
    for (const changes of [{ id: 'b' }, { kind: 'authority' }, { version: 2 }]) {
      assert.equal(seal.open({ ...name, ...changes }, sealed), undefined, JSON.stringify(changes))
    }
    for (const other of others) assert.equal(other.open(name, sealed), undefined)
    same(seal.open(name, sealed), utf8('x'))
  })

  it('do not open when any bit was changed, or any byte is missing or added', () => {
    const sealed = seal.close(name, utf8('some content'))
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), bit => {
        const altered = sealed.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
        assert.equal(seal.open(name, altered), undefined)
      }),
    )
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(seal.open(name, sealed.subarray(0, length)), undefined)
    }
    assert.equal(seal.open(name, concat(sealed, Uint8Array.of(0))), undefined)
  })
})
