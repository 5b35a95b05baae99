import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HandClock } from '../fixture/place.ts'
import { RegisterInMemory } from '../fixture/register-in-memory.ts'
import { LEASE_MILLISECONDS } from './lease.ts'
import { Peers } from './peers.ts'

const ROW = { instance: 'b', bootId: 'boot-b', stateSize: 5 }

/** What SAM a sees of the others; while it waits, a case does something, and time passes. */
async function open(whileWaiting: (register: RegisterInMemory) => Promise<unknown> = async () => {}) {
  const clock = new HandClock()
  const register = new RegisterInMemory()
  await register.enter(ROW)
  const wait = async (milliseconds: number) => {
    clock.pass(milliseconds / 1000)
    await whileWaiting(register)
  }
  const peers = new Peers({ clock, register, instance: 'a', wait })
  const waited = async (act: Promise<unknown>) => {
    const begun = clock.monotonic()
    await act
    return clock.monotonic() - begun
  }
  return { clock, register, peers, waited }
}

describe('whoever takes power away (sole-control 10)', () => {
  it('waits for nobody when all others know', async () => {
    const { peers, waited } = await open()
    assert.equal(await waited(peers.know(5)), 0)
  })

  it('does not wait for its own row', async () => {
    const { register, peers, waited } = await open()
    await register.enter({ instance: 'a', bootId: 'boot-a', stateSize: 0 })
    assert.equal(await waited(peers.know(5)), 0)
  })

  it('waits until another one confirms', async () => {
    let turns = 0
    const { peers, waited } = await open(async register => {
      turns += 1
      await register.renew({ ...ROW, stateSize: turns < 10 ? 5 : 6 })
    })
    const time = await waited(peers.know(6))
    assert.ok(turns === 10 && time > 0 && time < LEASE_MILLISECONDS, `${time}`)
  })

  it('waits a whole lease, and a margin, for one that goes on without confirming', async () => {
    const { peers, waited } = await open(register => register.renew(ROW))
    assert.ok((await waited(peers.know(6))) > LEASE_MILLISECONDS)
  })

  it('waits a whole lease for one that stands still, counted from when it was seen so, and expels it', async () => {
    const { register, peers, waited } = await open()
    assert.ok((await waited(peers.know(6))) > LEASE_MILLISECONDS)
    await peers.know(7)
    assert.deepEqual(await register.all(), [])
    assert.equal(await waited(peers.know(8)), 0)
  })

  it('does not count a row as left that was renewed while it was being expelled', async () => {
    const { clock, register, peers, waited } = await open()
    await peers.know(6)
    clock.pass(2)
    const { expel } = register
    register.expel = async row => {
      register.expel = expel
      await register.renew(ROW)
      return expel.call(register, row)
    }
    assert.ok((await waited(peers.know(6))) > LEASE_MILLISECONDS)
  })

  it('waits a whole lease when the register cannot be reached', async () => {
    const { register, peers, waited } = await open()
    register.isAway = true
    assert.ok((await waited(peers.know(5))) > LEASE_MILLISECONDS)
  })
})

describe('whoever starts under a name', () => {
  it('waits until the process that had it has no lease, and takes its place', async () => {
    const { register, peers, waited } = await open()
    await register.enter({ instance: 'a', bootId: 'earlier', stateSize: 5 })
    assert.ok((await waited(peers.takePlace())) > LEASE_MILLISECONDS)
    assert.ok(!(await register.all()).some(({ instance }) => instance === 'a'))
  })

  it('is refused while another process renews under it', async () => {
    const other = { instance: 'a', bootId: 'other', stateSize: 5 }
    const { register, peers } = await open(own => own.renew(other))
    await register.enter(other)
    await assert.rejects(peers.takePlace(), /another process runs as a/)
  })

  it('does not wait where nobody has it', async () => {
    const { peers, waited } = await open()
    assert.equal(await waited(peers.takePlace()), 0)
  })
})
