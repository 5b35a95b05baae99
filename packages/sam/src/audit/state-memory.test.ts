import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LogRejected } from './read-log.ts'
import { StateMemory } from './state-memory.ts'

describe('what the state log says', () => {
  it('is of no deployment while it has not begun with a genesis', () => {
    const state = new StateMemory()
    assert.throws(() => state.roster, LogRejected)
    const rosterDigest = new Uint8Array(32)
    state.replay({ event: 'genesis', at: 0, rosterDigest })
    assert.deepEqual(state.roster, { version: 1, digest: rosterDigest })
  })
})
