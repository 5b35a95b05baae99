import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AdesRefusal } from '../refusal.ts'
import { firstTimeStamp, type TimeStampSource } from './first-time-stamp.ts'

const token: TimeStampSource = async () => Uint8Array.of(1)
const unreachable: TimeStampSource = async () => {
  throw new AdesRefusal('exchange-failed')
}
const lying: TimeStampSource = async () => {
  throw new AdesRefusal('time-stamp-invalid')
}
const ask = (...sources: readonly TimeStampSource[]) =>
  firstTimeStamp(...sources)(new Uint8Array(32), 'sha256')

describe('a list of time-stamping authorities', () => {
  it('goes on past those that do not answer, or answer something else (T-TSA-09)', async () => {
    assert.deepEqual(await ask(unreachable, lying, token), Uint8Array.of(1))
  })

  it('does not ask the second when the first answers', async () => {
    await ask(token, () => assert.fail('asked'))
  })

  it('refuses when none answers', async () => {
    for (const sources of [[], [unreachable, lying]])
      await assert.rejects(ask(...sources), { name: 'AdesRefusal', code: 'time-stamp-unavailable' })
  })

  it('does not hide a defect', async () => {
    await assert.rejects(
      ask(() => assert.fail('a defect'), token),
      /a defect/,
    )
  })
})
