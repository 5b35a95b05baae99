import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startThread, type Thread } from './thread.ts'

const start = (): Thread<string, string> =>
  startThread(new URL('../fixture/thread.ts', import.meta.url), 'hello')

describe('a thread that answers questions', () => {
  it('answers each, to whoever asked', async () => {
    const thread = start()
    const answers = await Promise.all(['one', 'two', 'three'].map(question => thread.ask(question)))
    assert.deepEqual(answers, ['hello one', 'hello two', 'hello three'])
    await thread.end()
  })

  it('throws to whoever asked, and answers the next', async () => {
    const thread = start()
    await assert.rejects(thread.ask('throw'), { name: 'RangeError', message: 'no', errcode: 13 })
    assert.equal(await thread.ask('again'), 'hello again')
    await thread.end()
  })

  it('says that it has ended to all who wait, and to all who ask later', async () => {
    const thread = start()
    const waiting = ['end', 'after'].map(question => assert.rejects(thread.ask(question), /has ended/))
    await Promise.all(waiting)
    await assert.rejects(thread.ask('later'), /has ended/)
  })
})
