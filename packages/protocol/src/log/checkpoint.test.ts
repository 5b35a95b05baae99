import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { ShapeError } from '../shape/shape.ts'
import { checkpointText, finishCheckpoint, peekCheckpoint, verifyCheckpoint } from './checkpoint.ts'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const samKey = new Uint8Array(key.publicKey.export({ type: 'spki', format: 'der' }))
const samKeyDigest = createHash('sha256').update(samKey).digest()
const head = { origin: 'natsuin.example/log', size: 12, rootHash: new Uint8Array(32).fill(7) }
const signed = (text: string) => sign('sha256', utf8(text), key.privateKey)
const checkpoint = finishCheckpoint(head, samKeyDigest, signed(checkpointText(head)))

describe('checkpoints (C2SP tlog-checkpoint)', () => {
  it('are three lines, a blank one, and a signature line', () => {
    assert.match(
      checkpoint,
      /^natsuin\.example\/log\n12\nBwcH[A-Za-z0-9+/]+=\n\n— natsuin\.example\/log [A-Za-z0-9+/=]+\n$/,
    )
  })

  it('verify under the SAM key and under no other', async () => {
    assert.deepEqual(await verifyCheckpoint(checkpoint, samKey, nodePlatform), head)
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
      type: 'spki',
      format: 'der',
    })
    assert.equal(await verifyCheckpoint(checkpoint, new Uint8Array(stranger), nodePlatform), undefined)
  })

  it('do not verify with another size, origin or root', async () => {
    for (const [from, to] of [
      ['\n12\n', '\n13\n'],
      ['natsuin.example/log\n12', 'natsuin.example/lag\n12'],
      ['BwcH', 'BwcI'],
    ] as const) {
      assert.equal(await verifyCheckpoint(checkpoint.replace(from, to), samKey, nodePlatform), undefined, to)
    }
  })

  it('ignore the signatures of strangers beside ours (C2SP signed-note)', async () => {
    const cosigned = `${checkpoint}— witness.example AAAAAAAA\n`
    assert.deepEqual(await verifyCheckpoint(cosigned, samKey, nodePlatform), head)
  })

  it('refuse text of another form', () => {
    for (const text of [
      '',
      'a\n1\n',
      checkpoint.replace('\n12\n', '\n012\n'),
      checkpoint.trimEnd(),
      `x\n${checkpoint}`,
    ]) {
      assert.throws(() => peekCheckpoint(text), ShapeError, text)
    }
  })
})
