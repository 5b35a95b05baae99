/**
 * kill -9 of the SAM at every point of a rotation of the master key (sole-control 11; threats 23, T-DUR-02): signers sign
 * before, meanwhile and after, and what was begun comes to its end.
 */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { decide, openAdministration } from '@natsuin/testing/deployment'
import { holds, killAt, type Scene, setScene, strike } from './kill/cases.ts'
import { Signing } from './kill/client.ts'

let scene: Scene
before(async () => {
  scene = await setScene()
})
beforeEach(() => scene.clients.keepCheckpoint())
after(() => strike(scene))

const signs = () => new Signing(scene.clients, scene.signer).run()

async function masterKeyNow() {
  const channel = openAdministration(scene.deployment)
  try {
    return await channel.call('master-key/read', {})
  } finally {
    channel.close()
  }
}

async function rotate(): Promise<void> {
  const { label: replaces } = await masterKeyNow()
  await decide(scene.deployment, { kind: 'rotate-master-key', replaces })
}

async function ended(): Promise<string> {
  for (;;) {
    const { label, rotation } = await masterKeyNow()
    if (rotation === undefined) return label
    await setTimeout(50)
  }
}

/** Those at which nobody waits for the answer. */
const BEHIND = ['key-moved', 'master-key-rotated', 'master-key-destroyed'] as const

describe('kill -9 of the SAM during a rotation of the master key (T-DUR-02)', () => {
  it('when the new key is made and nothing says so: the old one stays, and a new attempt cleans up', async () => {
    const before = await masterKeyNow()
    const { status } = await killAt(scene, 'sam', 'master-key-made', rotate)
    assert.equal(status, 'rejected')
    await scene.deployment.restart('sam')
    assert.deepEqual(await masterKeyNow(), before)
    await signs()
    await rotate()
    assert.notEqual(await ended(), before.label)
    await signs()
    holds(scene)
  })

  it('when the log says that it has begun: it comes to its end by itself', async () => {
    const before = await masterKeyNow()
    const { status } = await killAt(scene, 'sam', 'master-key-rotation-begun', rotate)
    assert.equal(status, 'rejected')
    await scene.deployment.restart('sam')
    await signs()
    assert.notEqual(await ended(), before.label)
    await signs()
    holds(scene)
  })

  for (const point of BEHIND) {
    it(`at ${point}: signing goes on while it waits there, and after`, async () => {
      const before = await masterKeyNow()
      const reached = scene.failpoints.reached(point)
      await rotate()
      await reached
      await signs()
      await scene.deployment.process('sam').kill()
      scene.failpoints.release()
      await scene.deployment.restart('sam')
      await signs()
      assert.notEqual(await ended(), before.label)
      await signs()
      holds(scene)
    })
  }
})
