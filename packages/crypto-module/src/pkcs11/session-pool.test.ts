import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Handle } from 'pkcs11js'
import { ModuleRefusal } from '../module.ts'
import { SessionPool } from './session-pool.ts'

/** A token that counts its sessions and allows so many. */
class CountingToken {
  readonly opened = new Set<Handle>()
  limit = Infinity
  asked = 0

  open(): Handle {
    this.asked += 1
    if (this.opened.size >= this.limit) throw new Error('CKR_SESSION_COUNT:177')
    const session = Buffer.from([this.asked])
    this.opened.add(session)
    return session
  }

  close(session: Handle): void {
    assert.ok(this.opened.delete(session), 'a session is closed once')
  }
}

const failure = new Error('CKR_FUNCTION_FAILED:6')

describe('the sessions of a token', () => {
  it('are never lent twice at a time, however many want one (T-P11-11)', async () => {
    const token = new CountingToken()
    const pool = new SessionPool(token, 3)
    const lent = new Set<Handle>()
    const order: number[] = []
    const use = (turnNumber: number) =>
      pool.use(async session => {
        assert.ok(!lent.has(session))
        lent.add(session)
        for (let i = 0; i < 3; i++) await turn()
        lent.delete(session)
        order.push(turnNumber)
      })
    await Promise.all(Array.from({ length: 60 }, (_, i) => use(i)))
    assert.equal(token.asked, 3)
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    )
  })

  it('are replaced after an error, for an operation may be left in them (T-P11-10)', async () => {
    const token = new CountingToken()
    const pool = new SessionPool(token, 1)
    let failed: Handle | undefined
    await assert.rejects(
      pool.use(async session => {
        failed = session
        throw failure
      }),
      failure,
    )
    await pool.use(async session => assert.notEqual(session, failed))
    assert.equal(token.opened.size, 1)
  })

  it('stay after a refusal, which leaves nothing in them', async () => {
    const token = new CountingToken()
    const pool = new SessionPool(token, 1)
    await assert.rejects(
      pool.use(() => Promise.reject(new ModuleRefusal('key-unknown', 'no such key'))),
      { code: 'key-unknown' },
    )
    await pool.use(async () => {})
    assert.equal(token.asked, 1)
  })

  it('go when the operation says that they are good for nothing more, though it succeeded', async () => {
    const token = new CountingToken()
    const pool = new SessionPool(token, 1)
    await pool.use(async (_, spoil) => spoil())
    assert.equal(token.opened.size, 0)
    await pool.use(async () => {})
    assert.equal(token.asked, 2)
  })

  it('are waited for where the token allows no more, which is not asked again and again (T-P11-08)', async () => {
    const token = new CountingToken()
    token.limit = 2
    const pool = new SessionPool(token, 10)
    let done = 0
    await Promise.all(
      Array.from({ length: 200 }, () =>
        pool.use(async () => {
          await turn()
          done += 1
        }),
      ),
    )
    assert.equal(done, 200)
    assert.equal(token.asked, 3)
  })

  it('are not to be had where the token allows none', async () => {
    const token = new CountingToken()
    token.limit = 0
    const pool = new SessionPool(token, 10)
    await assert.rejects(
      pool.use(async () => {}),
      /SESSION_COUNT/,
    )
    token.limit = 1
    await pool.use(async () => {})
  })

  it('of before a loss are closed and not lent again, those that are lent as well', async () => {
    const token = new CountingToken()
    const pool = new SessionPool(token, 2)
    const { promise, resolve } = Promise.withResolvers<void>()
    let old: Handle | undefined
    const working = pool.use(async session => {
      old = session
      await promise
    })
    await pool.use(async () => {})
    pool.forget()
    assert.equal(token.opened.size, 1)
    resolve()
    await working
    assert.equal(token.opened.size, 0)
    await pool.use(async session => assert.notEqual(session, old))
  })

  it('know of which generation they are, also when all are given up while one is on its way', async () => {
    const pool = new SessionPool(new CountingToken(), 1)
    let told: number | undefined
    const used = pool.use(async (_session, _spoil, generation) => {
      told = generation
    })
    pool.forget()
    await used
    assert.deepEqual([told, pool.generation], [0, 1])
  })

  it('let nobody wait for ever when no other can be opened', async () => {
    const token = new CountingToken()
    const pool = new SessionPool(token, 1)
    const first = pool.use(async () => {
      await turn()
      token.limit = 0
      throw failure
    })
    const others = Array.from({ length: 5 }, () => pool.use(async () => {}))
    await assert.rejects(first, failure)
    for (const other of others) await assert.rejects(other, /SESSION_COUNT/)
    assert.equal(token.asked, 2)
    token.limit = 1
    await pool.use(async () => {})
  })
})
