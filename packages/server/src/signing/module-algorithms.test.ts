import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createModuleAlgorithms } from './module-algorithms.ts'
import type { Sam } from './sam.ts'

describe('what keys sign with here (T-P11-14)', () => {
  /** A SAM that counts how often it is asked. */
  function counting(answer: () => Promise<unknown>) {
    const asked: unknown[] = []
    const call = (_: string, request: unknown) => {
      asked.push(request)
      return answer()
    }
    return { asked, sam: { call } as Pick<Sam, 'call'> }
  }

  it('is asked once for each type of key, and again after a minute', async () => {
    let now = 0
    const { asked, sam } = counting(async () => ({ algorithms: ['rsa-sha256'] }))
    const algorithms = createModuleAlgorithms(sam, () => new Date(now))
    for (let i = 0; i < 5; i++) assert.deepEqual(await algorithms.of('rsa-3072'), ['rsa-sha256'])
    await algorithms.of('ec-p256')
    assert.deepEqual(asked, [{ keyType: 'rsa-3072' }, { keyType: 'ec-p256' }])
    now += 60_000
    await algorithms.of('rsa-3072')
    assert.equal(asked.length, 3)
  })

  it('is asked again when it could not be asked', async () => {
    let away = true
    const { asked, sam } = counting(async () => {
      if (away) throw new Error('away')
      return { algorithms: [] }
    })
    const algorithms = createModuleAlgorithms(sam, () => new Date(0))
    await assert.rejects(algorithms.of('ed25519'), /away/)
    away = false
    assert.deepEqual(await algorithms.of('ed25519'), [])
    assert.equal(asked.length, 2)
  })
})
