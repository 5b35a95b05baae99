/** A witness before the log of a test: what it cosigns, what it does not, and what it remembers (C2SP tlog-witness). */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { checkpointText, findCosignature, finishCheckpoint, writeAddCheckpoint } from '@natsuin/protocol/log'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { makeKey, readCosigner } from './cosigner.ts'
import { NewestCheckpoints, originHash } from './newest.ts'
import { type Answer, Witness } from './witness.ts'

const ORIGIN = 'natsuin.example/log/state'
const NOW = 1_800_000_000

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = new Uint8Array(key.publicKey.export({ type: 'spki', format: 'der' }))

const sha256 = (...parts: readonly Uint8Array[]) =>
  new Uint8Array(
    createHash('sha256')
      .update(concat(...parts))
      .digest(),
  )

/** Roots and proofs by the definitions (RFC 9162, 2.1.1 and 2.1.4.1), over everything at once. */
const leaves = (count: number, kind = 'leaf') => Array.from({ length: count }, (_, i) => utf8(`${kind} ${i}`))
const half = (count: number) => 2 ** (Math.ceil(Math.log2(count)) - 1)
function root(all: readonly Uint8Array[]): Uint8Array {
  if (all.length === 0) return sha256()
  if (all.length === 1) return sha256(Uint8Array.of(0), ...all)
  const k = half(all.length)
  return sha256(Uint8Array.of(1), root(all.slice(0, k)), root(all.slice(k)))
}
function proof(m: number, all: readonly Uint8Array[], isWhole = true): Uint8Array[] {
  if (m === all.length) return isWhole ? [] : [root(all)]
  const k = half(all.length)
  return m <= k
    ? [...proof(m, all.slice(0, k), isWhole), root(all.slice(k))]
    : [...proof(m - k, all.slice(k), false), root(all.slice(0, k))]
}

function checkpoint(all: readonly Uint8Array[], { origin = ORIGIN, by = key.privateKey } = {}): string {
  const head = { origin, size: all.length, rootHash: root(all) }
  return finishCheckpoint(head, sha256(spki), sign('sha256', utf8(checkpointText(head)), by))
}

/** The request that brings a witness from one size to the next. */
function growing(from: number, to: number, kind = 'leaf'): string {
  const all = leaves(to, kind)
  return writeAddCheckpoint({
    oldSize: from,
    proof: from === 0 ? [] : proof(from, all),
    checkpoint: checkpoint(all),
  })
}

function open(folder = temporaryFolder()) {
  const newest = new NewestCheckpoints(join(folder, 'cosigned'))
  const keyFile = join(folder, 'witness.pem')
  makeKey(keyFile)
  const cosigner = readCosigner('witness.example/w1', keyFile)
  const told: unknown[] = []
  const witness = new Witness({
    logs: new Map([[ORIGIN, spki]]),
    cosigner,
    newest,
    now: () => NOW,
    log: (_level, _event, fields) => told.push(fields),
  })
  return { witness, newest, cosigner, folder, told }
}

const statusOf = async (answer: Promise<Answer>) => (await answer).status

describe('a witness', () => {
  it('cosigns a log that grows, from its first head on', async () => {
    const { witness, cosigner } = open()
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 7],
      [7, 7],
      [7, 100],
    ] as const) {
      const answer = await witness.addCheckpoint(growing(from, to))
      assert.equal(answer.status, 200, answer.body)
      const cosigned = checkpoint(leaves(to)) + answer.body
      const found = await findCosignature(cosigned, cosigner.key, nodePlatform)
      assert.deepEqual(found, { witness: cosigner.key.name, at: NOW })
    }
  })

  it('shows the newest head with its cosignature, of the logs that it knows', async () => {
    const { witness, cosigner } = open()
    assert.equal(await witness.newest(originHash(ORIGIN)), undefined)
    await witness.addCheckpoint(growing(0, 5))
    const shown = (await witness.newest(originHash(ORIGIN))) ?? ''
    assert.match(shown, /^natsuin\.example\/log\/state\n5\n/)
    assert.ok(await findCosignature(shown, cosigner.key, nodePlatform))
    assert.equal(await witness.newest(originHash('other')), undefined)
  })

  it('says 409 and the size that it knows, when the log is mistaken about it', async () => {
    const { witness } = open()
    await witness.addCheckpoint(growing(0, 5))
    for (const request of [growing(0, 9), growing(4, 9), growing(6, 9), growing(4, 4), growing(0, 5)]) {
      const answer = await witness.addCheckpoint(request)
      assert.deepEqual(answer, { status: 409, type: 'text/x.tlog.size', body: '5\n' })
    }
    assert.equal(await statusOf(witness.addCheckpoint(growing(5, 9))), 200)
  })

  it('says 422 to another history, keeps both heads as proof, and stays where it is (T-AUD-03)', async () => {
    const { witness, told } = open()
    await witness.addCheckpoint(growing(0, 5))
    for (const request of [growing(5, 9, 'other'), growing(5, 5, 'other')]) {
      assert.equal(await statusOf(witness.addCheckpoint(request)), 422)
    }
    assert.equal(told.length, 2)
    assert.match(JSON.stringify(told[0]), /cosigned.*offered/)
    assert.equal(await statusOf(witness.addCheckpoint(growing(5, 9))), 200)
  })

  it('says 422 to a head of nothing that is not nothing', async () => {
    const { witness } = open()
    const head = { origin: ORIGIN, size: 0, rootHash: sha256(utf8('something')) }
    const signature = sign('sha256', utf8(checkpointText(head)), key.privateKey)
    const text = finishCheckpoint(head, sha256(spki), signature)
    const body = writeAddCheckpoint({ oldSize: 0, proof: [], checkpoint: text })
    assert.equal(await statusOf(witness.addCheckpoint(body)), 422)
  })

  it('says 404 to a log that it does not know, 403 to a head that the log did not sign', async () => {
    const { witness } = open()
    const all = leaves(3)
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const asked = (text: string) =>
      statusOf(witness.addCheckpoint(writeAddCheckpoint({ oldSize: 0, proof: [], checkpoint: text })))
    assert.equal(await asked(checkpoint(all, { origin: 'somebody.else/log' })), 404)
    assert.equal(await asked(checkpoint(all, { by: stranger })), 403)
    assert.equal(await asked(checkpoint(all).replace('\n3\n', '\n4\n')), 403)
  })

  it('says 400 to what is no request, and to an old size beyond the new one', async () => {
    const { witness } = open()
    for (const body of ['', 'old 1\n', 'old 0\n\nnothing', growing(0, 3).replace('old 0', 'old x')]) {
      assert.equal(await statusOf(witness.addCheckpoint(body)), 400, body)
    }
    assert.equal(await statusOf(witness.addCheckpoint(growing(0, 3).replace('old 0', 'old 4'))), 400)
  })

  it('cosigns one of many heads that are offered at once from the same size', async () => {
    const { witness } = open()
    const offered = Array.from({ length: 50 }, (_, i) => growing(0, i + 1, i % 2 === 0 ? 'leaf' : 'other'))
    const statuses = await Promise.all(offered.map(body => statusOf(witness.addCheckpoint(body))))
    assert.equal(statuses.filter(status => status === 200).length, 1)
    assert.ok(statuses.every(status => status === 200 || status === 409))
  })

  it('remembers across a restart, and is alone with its directory', async () => {
    const { witness, newest, folder, cosigner } = open()
    await witness.addCheckpoint(growing(0, 5))
    const directory = join(folder, 'cosigned')
    assert.throws(() => new NewestCheckpoints(directory), /another process/)
    newest.close()
    const logs = new Map([[ORIGIN, spki]])
    const again = new NewestCheckpoints(directory)
    const restarted = new Witness({ logs, cosigner, newest: again, now: () => NOW, log: () => {} })
    assert.equal(await statusOf(restarted.addCheckpoint(growing(0, 3))), 409)
    assert.equal(await statusOf(restarted.addCheckpoint(growing(5, 6))), 200)
    again.close()
  })

  it('does not say that it cosigned what it could not remember', async () => {
    const { cosigner } = open()
    const newest = { read: async () => undefined, write: () => Promise.reject(new Error('no space left')) }
    const witness = new Witness({
      logs: new Map([[ORIGIN, spki]]),
      cosigner,
      newest,
      now: () => NOW,
      log: () => {},
    })
    await assert.rejects(witness.addCheckpoint(growing(0, 5)), /no space/)
  })
})
