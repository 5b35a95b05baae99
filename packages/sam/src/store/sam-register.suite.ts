/** The one suite that every register of SAMs passes. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { SamRegister } from './sam-register.ts'

const A = { instance: 'a', bootId: 'boot-a', stateSize: 5 }

export function describeRegister(name: string, open: () => Promise<SamRegister>): void {
  describe(`register of SAMs: ${name}`, () => {
    let register: SamRegister
    beforeEach(async () => {
      register = await open()
    })

    it('has one row for each name, of who came first', async () => {
      assert.ok(await register.enter(A))
      assert.equal(await register.enter({ ...A, bootId: 'other' }), false)
      assert.ok(await register.enter({ ...A, instance: 'b' }))
      const rows = await register.all()
      assert.deepEqual(rows.map(row => [row.instance, row.bootId]).sort(), [
        ['a', 'boot-a'],
        ['b', 'boot-a'],
      ])
    })

    it('renews the row of the process that has it, and tells how often', async () => {
      await register.enter(A)
      const [entered] = await register.all()
      assert.ok(await register.renew({ ...A, stateSize: 9 }))
      assert.equal(await register.renew({ ...A, bootId: 'other', stateSize: 20 }), false)
      const [row] = await register.all()
      assert.deepEqual(row, { ...A, stateSize: 9, renewal: (entered?.renewal ?? 0) + 1 })
    })

    it('renews nothing that is not there', async () => {
      assert.equal(await register.renew(A), false)
    })

    it('expels a row as it was read, and not one that was renewed since', async () => {
      await register.enter(A)
      const [read] = await register.all()
      assert.ok(read)
      await register.renew(A)
      assert.equal(await register.expel(read), false)
      const [again] = await register.all()
      assert.ok(again && (await register.expel(again)))
      assert.deepEqual(await register.all(), [])
    })

    it('lets go of the row of the process that has it', async () => {
      await register.enter(A)
      await register.leave({ ...A, bootId: 'other' })
      assert.equal((await register.all()).length, 1)
      await register.leave(A)
      assert.deepEqual(await register.all(), [])
    })
  })
}
