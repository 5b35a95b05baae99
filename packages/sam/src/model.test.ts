/**
 * A SAM and a small reference of it are told the same, at random, and have to say the same (threats 23, T-DUR-10).
 *
 * Tickets, approvals, signatures alone and at once, a module that is away, revocation in the middle of it, crashes at
 * every point, older databases put back. What fails is shrunk to the fewest commands that still fail.
 */
import { before, describe, it } from 'node:test'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { COMMANDS, newModel } from './fixture/model/commands.ts'
import { type Beginning, begin, Real } from './fixture/model/real.ts'

describe('a SAM and the reference', () => {
  let beginning: Beginning
  before(async () => {
    beginning = await begin()
  })

  it('agree, whatever is asked in whatever order; each reservation has one outcome (T-DUR-10, T-AUD-06)', async () => {
    const commands = fc.commands(COMMANDS, { maxCommands: 60, size: '+2' })
    const property = fc.asyncProperty(commands, async sequence => {
      const real = new Real(beginning)
      try {
        await real.open()
        await fc.asyncModelRun(() => ({ model: newModel(), real }), sequence)
        await real.close()
        real.checkLog()
      } finally {
        await real.kill()
        real.remove()
      }
    })
    await fc.assert(property, { numRuns: rounds('model'), seed: seed(), verbose: 0 })
  })
})
