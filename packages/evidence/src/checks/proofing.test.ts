import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkProofing } from './proofing.ts'

const COMPLETED = 1_780_000_000
const DAY = 86_400
const proofing = {
  method: 'in-person',
  level: 2,
  completedAt: COMPLETED,
  evidenceDigest: new Uint8Array(32),
} as const
const floor = { proofing: { minLevel: 2, maxAgeDays: 90 } }
const check = (minLevel: number, seconds: number) =>
  checkProofing({ proofing }, { proofing: { ...floor.proofing, minLevel } }, (COMPLETED + seconds) * 1000)

describe('identity proofing in evidence', () => {
  it('is enough at the level and to the last second of the age that the class demands', () => {
    for (const seconds of [0, 90 * DAY]) check(2, seconds)
    check(1, DAY)
  })

  it('is insufficient below the level, when it is too old, and when it came afterwards', () => {
    for (const [level, seconds] of [
      [3, DAY],
      [2, 90 * DAY + 1],
      [2, -1],
    ] as const) {
      assert.throws(() => check(level, seconds), { reason: 'proofing-insufficient' })
    }
  })
})
