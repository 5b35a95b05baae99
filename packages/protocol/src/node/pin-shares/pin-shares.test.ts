import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ConfigurationError } from '../configuration.ts'
import { bringShare } from './bring-share.ts'
import { gatherPin, type ShareAnswer } from './gather-pin.ts'
import { joinShares, pinShares, placeOf, readShare, splitPin } from './split-pin.ts'

const PIN = '4711-naïve PIN'

function splitFor(of: number, needed: number) {
  const { file, shares } = splitPin(PIN, { of, needed })
  return { file, shares, content: pinShares(JSON.parse(file)) }
}

/** Some shares, as they would be gathered. */
function brought(content: ReturnType<typeof splitFor>['content'], shares: readonly string[]) {
  return new Map(
    shares.map(typed => {
      const share = readShare(typed)
      const place = share && placeOf(content, share)
      assert.ok(share !== undefined && place !== undefined)
      return [place, share] as const
    }),
  )
}

describe('a PIN that several people hold', () => {
  it('is there for every group that is large enough, in any order, and for no smaller one', () => {
    const { content, shares } = splitFor(5, 3)
    for (let chosen = 0; chosen < 32; chosen++) {
      const some = shares.filter((_, place) => ((chosen >> place) & 1) === 1)
      const expected = some.length >= 3 ? PIN : undefined
      assert.equal(joinShares(content, brought(content, some)), expected)
      assert.equal(joinShares(content, brought(content, some.toReversed())), expected)
    }
  })

  it('is not for one person alone, nor for more than there are', () => {
    for (const [of, needed] of [
      [3, 1],
      [3, 0],
      [2, 3],
      [11, 2],
    ] as const)
      assert.throws(() => splitPin(PIN, { of, needed }), RangeError)
  })

  it('is nowhere in the file, and differs each time', () => {
    const [one, other] = [splitFor(3, 2), splitFor(3, 2)]
    assert.ok(!one.file.includes(PIN) && !one.file.includes(Buffer.from(PIN).toString('base64url')))
    assert.equal(new Set([...one.shares, ...other.shares]).size, 6)
    assert.notEqual(one.file, other.file)
  })

  it('knows a share as it was written or typed, and no other', () => {
    const { content, shares } = splitFor(3, 2)
    const [share = ''] = shares
    assert.match(share, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
    for (const typed of [
      share,
      share.toLowerCase(),
      share.replaceAll(' ', ''),
      ` ${share.replaceAll(' ', '-')}\n`,
    ]) {
      const read = readShare(typed)
      assert.equal(read && placeOf(content, read), 0)
    }
    const swapped = (share[0] === 'A' ? 'B' : 'A') + share.slice(1)
    const read = readShare(swapped)
    assert.ok(read !== undefined)
    assert.equal(placeOf(content, read), undefined)
    for (const typed of ['', 'AAAA', share.slice(1), `${share} AAAA`, share.replace(/./, '1')])
      assert.equal(readShare(typed), undefined)
  })

  it('is not opened from a file that was altered', () => {
    const { content, shares } = splitFor(2, 2)
    const altered = content.groups.map(group => ({ ...group, sealed: group.sealed.with(20, 0) }))
    assert.equal(joinShares({ ...content, groups: altered }, brought(content, shares)), undefined)
    const salted = { ...content, salt: content.salt.with(0, 1).with(1, 2) }
    assert.equal(joinShares(salted, brought(content, shares)), undefined)
  })
})

describe('a process that waits for a PIN', () => {
  let folder: string
  let setting: { file: string; socket: string }
  let shares: readonly string[]
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'natsuin-pin-'))
    setting = { file: join(folder, 'shares'), socket: join(folder, 'socket') }
    const split = splitPin(PIN, { of: 4, needed: 3 })
    writeFileSync(setting.file, split.file)
    shares = split.shares
  })
  after(() => rmSync(folder, { recursive: true }))

  const listening = async () => {
    while (statSync(setting.socket, { throwIfNoEntry: false }) === undefined) await delay(5)
  }

  it('gets it when enough people have come, and tells each how many are missing', async () => {
    const told: ShareAnswer[] = []
    const pin = gatherPin(setting, answer => told.push(answer))
    await listening()
    const [one = '', two = '', three = ''] = shares
    const expected: ShareAnswer[] = [
      { share: 'taken', brought: 1, needed: 3 },
      { share: 'again', brought: 1, needed: 3 },
      { share: 'unknown', brought: 1, needed: 3 },
      { share: 'taken', brought: 2, needed: 3 },
      { share: 'taken', brought: 3, needed: 3 },
    ]
    const answers: ShareAnswer[] = []
    for (const share of [one, one, 'nonsense', three, two])
      answers.push(await bringShare(setting.socket, share))
    assert.deepEqual(answers, expected)
    assert.deepEqual(told, expected)
    assert.equal(await pin, PIN)
    await assert.rejects(bringShare(setting.socket, one), { code: 'ENOENT' })
  })

  it('is not held up by a peer that says nothing, or too much', async () => {
    const pin = gatherPin(setting, () => {})
    await listening()
    const silent = connect(setting.socket).on('error', () => {})
    const talkative = connect(setting.socket).on('error', () => {})
    talkative.write('A'.repeat(100_000))
    for (const share of shares.slice(0, 3)) await bringShare(setting.socket, share)
    silent.destroy()
    assert.equal(await pin, PIN)
  })

  it('does not begin to wait with a file that is none', async () => {
    const file = join(folder, 'other')
    writeFileSync(file, '{"v":1}')
    await assert.rejects(
      gatherPin({ ...setting, file }, () => {}),
      ConfigurationError,
    )
    await assert.rejects(
      gatherPin({ ...setting, file: join(folder, 'absent') }, () => {}),
      ConfigurationError,
    )
  })
})
