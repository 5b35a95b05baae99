import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createSoftwareModule } from '@natsuin/crypto-module'
import { concat, fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'
import fc from 'fast-check'
import { Seal } from './seal.ts'

describe('sealed records', () => {
  const directory = mkdtempSync(join(tmpdir(), 'natsuin-seal-'))
  let seal: Seal
  let other: Seal
  before(async () => {
    const module = await createSoftwareModule({ directory: join(directory, 'keys') })
    await module.createMacKey('seal')
    await module.createMacKey('other')
    seal = await Seal.derive(module, 'seal')
    other = await Seal.derive(module, 'other')
  })
  after(() => rmSync(directory, { recursive: true }))

  const refusesAltered = (open: () => unknown) =>
    assert.throws(open, error => error instanceof Refusal && error.code === 'record-altered')

  it('open to what was sealed, and never show it', () => {
    const sealed = seal.close('certificate', 'a', utf8('the content'))
    assert.deepEqual(seal.open('certificate', 'a', sealed), utf8('the content'))
    assert.doesNotMatch(Buffer.from(sealed).toString('latin1'), /content/)
  })

  it('differ each time they are sealed', () => {
    assert.notDeepEqual(seal.close('certificate', 'a', utf8('x')), seal.close('certificate', 'a', utf8('x')))
  })

  it('open only as what they are, and with the key they were sealed with', () => {
    const sealed = seal.close('certificate', 'a', utf8('x'))
    refusesAltered(() => seal.open('certificate', 'b', sealed))
    refusesAltered(() => seal.open('authority', 'a', sealed))
    refusesAltered(() => other.open('certificate', 'a', sealed))
    assert.equal(fromUtf8(seal.open('certificate', 'a', sealed)), 'x')
  })

  it('do not open when any bit was changed, or any byte is missing or added', () => {
    const sealed = seal.close('certificate', 'a', utf8('some content'))
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), bit => {
        const altered = sealed.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
        refusesAltered(() => seal.open('certificate', 'a', altered))
      }),
    )
    for (let length = 0; length < sealed.length; length++) {
      refusesAltered(() => seal.open('certificate', 'a', sealed.subarray(0, length)))
    }
    refusesAltered(() => seal.open('certificate', 'a', concat(sealed, Uint8Array.of(0))))
  })
})
