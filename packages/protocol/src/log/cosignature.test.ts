import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { ShapeError } from '../shape/shape.ts'
import { checkpointText, finishCheckpoint } from './checkpoint.ts'
import {
  cosignatureLine,
  cosignedText,
  findCosignature,
  readVkey,
  type WitnessKey,
  writeVkey,
} from './cosignature.ts'

const head = { origin: 'natsuin.example/log/state', size: 12, rootHash: new Uint8Array(32).fill(7) }
const checkpoint = finishCheckpoint(head, new Uint8Array(32), new Uint8Array(70))
const AT = 1_800_000_000

function newWitness(name = 'witness.example/w1') {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const key: WitnessKey = { name, publicKey: new Uint8Array(spki.subarray(-32)) }
  const cosign = (text: string, at = AT) =>
    cosignatureLine(key, at, sign(null, utf8(cosignedText(text, at)), privateKey), nodePlatform)
  return { key, cosign }
}

const find = (text: string, { key }: { readonly key: WitnessKey }) => findCosignature(text, key, nodePlatform)

describe('cosignatures (C2SP tlog-cosignature)', () => {
  it('are over the version, the time and the checkpoint without its signatures', () => {
    assert.equal(cosignedText(checkpoint, AT), `cosignature/v1\ntime 1800000000\n${checkpointText(head)}`)
  })

  it('are found under the checkpoint, with their time', async () => {
    const witness = newWitness()
    const cosigned = checkpoint + (await newWitness().cosign(checkpoint)) + (await witness.cosign(checkpoint))
    assert.deepEqual(await find(cosigned, witness), { witness: witness.key.name, at: AT })
  })

  it('are not found by another key of the same name, under another head, or with another time', async () => {
    const witness = newWitness()
    const line = await witness.cosign(checkpoint)
    assert.equal(await find(checkpoint, witness), undefined)
    assert.equal(await find(checkpoint + line, newWitness()), undefined)
    assert.equal(await find(checkpoint.replace('\n12\n', '\n13\n') + line, witness), undefined)
    const [, name = '', encoded = ''] = line.trimEnd().split(' ')
    const bytes = Buffer.from(encoded, 'base64')
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte))
      const changed = `— ${name} ${Buffer.from(flipped).toString('base64')}\n`
      assert.equal(await find(checkpoint + changed, witness), undefined, `byte ${at}`)
    }
  })
})

describe('verifier keys (C2SP signed-note)', () => {
  it('are read as they are written', async () => {
    const { key } = newWitness()
    const vkey = await writeVkey(key, nodePlatform)
    assert.match(vkey, /^witness\.example\/w1\+[0-9a-f]{8}\+B[A-Za-z0-9+/]{43}$/)
    assert.deepEqual(await readVkey(vkey, nodePlatform), key)
  })

  it('are those of witnesses that others run', async () => {
    // The key of a public witness, as transparency-dev/formats has it in note/note_cosigv1_test.go.
    const vkey = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'
    const key = await readVkey(vkey, nodePlatform)
    assert.equal(key.name, 'remora.n621.de')
    assert.equal(await writeVkey(key, nodePlatform), vkey)
  })

  it('are refused with another id, name, type of key or form', async () => {
    const vkey = await writeVkey(newWitness().key, nodePlatform)
    const [name = '', id = '', ...key] = vkey.split('+')
    const encoded = key.join('+')
    for (const text of [
      '',
      `${name}+${id}`,
      `${name}+00000000+${encoded}`,
      `other+${id}+${encoded}`,
      `${name}+${id}+A${encoded.slice(1)}`,
      `${name}+${id}+${encoded.slice(0, -4)}`,
      `${vkey}\n`,
    ]) {
      await assert.rejects(readVkey(text, nodePlatform), ShapeError, text)
    }
  })
})
