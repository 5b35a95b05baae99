import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { noFailpoints, socketFailpoints } from './failpoints.ts'
import { newFolder } from './fixture/place.ts'

describe('failpoints', () => {
  const path = join(newFolder(), 'failpoints.sock')
  const heard: string[] = []
  /** Each answers when the test says so. */
  const gates: (() => void)[] = []
  const server = createServer(socket => {
    socket.on('data', chunk => {
      heard.push(String(chunk))
      gates.push(() => (String(chunk) === 'completed\n' ? socket.destroy() : socket.write('go\n')))
    })
  })
  after(() => server.close())

  it('do nothing where nobody asked for them', async () => {
    await noFailpoints('granted')
  })

  it('say where the process is, and wait until they are told to go on', async () => {
    server.listen(path)
    await once(server, 'listening')
    let isPast = false
    const passing = socketFailpoints(path)('granted').then(() => {
      isPast = true
    })
    while (heard.length === 0) await new Promise(setImmediate)
    assert.deepEqual([heard, isPast], [['granted\n'], false])
    gates.shift()?.()
    await passing
  })

  it('stop the operation when whoever listens goes away, or is not there', async () => {
    const passing = assert.rejects(socketFailpoints(path)('completed'), /closed without an answer/)
    while (heard.length === 1) await new Promise(setImmediate)
    gates.shift()?.()
    await passing
    await assert.rejects(socketFailpoints(`${path}.none`)('granted'), { code: 'ENOENT' })
  })
})
