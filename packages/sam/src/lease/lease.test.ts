import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HandClock } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { RegisterInMemory } from '../fixture/register-in-memory.ts'
import { LEASE_MILLISECONDS, SharedLease } from './lease.ts'

/** A SAM's lease, and what a case does while the SAM reads the state log on. */
function open(register = new RegisterInMemory(), whileReading: () => Promise<void> = async () => {}) {
  const clock = new HandClock()
  const events: string[] = []
  const state = { size: 5, whileReading }
  const lease = new SharedLease({
    clock,
    register,
    instance: 'a',
    bootId: `boot-${Math.random()}`,
    catchUp: async () => {
      await state.whileReading()
      events.push(`read ${state.size}`)
      return state.size
    },
    onSuperseded: () => events.push('superseded'),
    onFault: fault => events.push(String(fault)),
  })
  return { clock, register, lease, events, state }
}
const SECONDS = LEASE_MILLISECONDS / 1000

describe('a lease (sole-control 10)', () => {
  it('is not held before it was renewed', () => {
    assert.equal(open().lease.isHeld(), false)
  })

  it('is held for a second, and renewed when it is needed after that', async () => {
    const { clock, lease, events } = open()
    await lease.need()
    clock.pass(SECONDS - 0.001)
    assert.ok(lease.isHeld())
    const before = events.length
    await lease.need()
    assert.equal(events.length, before)
    clock.pass(0.001)
    assert.ok(!lease.isHeld())
    await lease.need()
    assert.ok(lease.isHeld())
    assert.ok(events.length > before)
  })

  it('counts from the beginning of the renewal, not from its end', async () => {
    const given = open()
    await given.lease.need()
    given.clock.pass(SECONDS)
    given.state.whileReading = async () => given.clock.pass(0.9 * SECONDS)
    await given.lease.need()
    given.clock.pass(0.1 * SECONDS)
    assert.ok(!given.lease.isHeld())
  })

  it('is not had by a renewal during which it would have ended', async () => {
    const given = open()
    given.state.whileReading = async () => given.clock.pass(SECONDS)
    await assertRefused('log-unavailable', given.lease.need())
    given.state.whileReading = async () => {}
    await given.lease.need()
  })

  it('tells the others what it knows only after it has read', async () => {
    const given = open()
    await given.lease.need()
    given.state.size = 8
    given.clock.pass(SECONDS)
    let told: number | undefined
    given.state.whileReading = async () => {
      told = (await given.register.all())[0]?.stateSize
    }
    await given.lease.need()
    assert.equal(told, 5)
    assert.equal((await given.register.all())[0]?.stateSize, 8)
  })

  it('ends too when the wall clock says so: the machine may have slept while the monotonic clock stood', async () => {
    const { clock, lease } = open()
    await lease.need()
    clock.setBy(SECONDS)
    assert.ok(!lease.isHeld())
  })

  it('is not had while the register cannot be reached', async () => {
    const given = open()
    given.register.isAway = true
    await assertRefused('log-unavailable', given.lease.need())
    given.register.isAway = false
    await given.lease.need()
  })

  it('of a SAM that others expelled is had again after it has read on', async () => {
    const given = open()
    await given.lease.need()
    const [row] = await given.register.all()
    assert.ok(row && (await given.register.expel(row)))
    given.clock.pass(SECONDS)
    given.events.length = 0
    await given.lease.need()
    // Read before the row was there, and again behind it.
    assert.deepEqual(given.events, ['read 5', 'read 5'])
  })

  it('is lost for good to another process of the same name', async () => {
    const one = open()
    await one.lease.need()
    const [row] = await one.register.all()
    assert.ok(row && (await one.register.expel(row)))
    const other = open(one.register)
    await other.lease.need()
    one.clock.pass(SECONDS)
    await assertRefused('log-unavailable', one.lease.need())
    assert.ok(one.events.includes('superseded'))
    assert.ok(other.lease.isHeld())
  })

  it('that was given up leaves no row behind', async () => {
    const { lease, register } = open()
    await lease.need()
    await lease.end()
    assert.ok(!lease.isHeld())
    assert.deepEqual(await register.all(), [])
  })
})
