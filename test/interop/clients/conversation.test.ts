import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Step } from './client.ts'
import { converse } from './conversation.ts'

/** A program that is told something, has a URL followed, and says what it got. */
const PROGRAM = `
  const lines = require('node:readline').createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const say = value => console.log(JSON.stringify(value))
  const next = async () => JSON.parse((await lines.next()).value)
  ;(async () => {
    const { name } = await next()
    say({ browse: 'logIn', url: 'https://a/' + name })
    say({ what: 'log in', passed: true, word: await next() })
    if (name === 'bob') { console.error('no credential'); process.exit(3) }
    process.exit(0)
  })()`

async function told(name: string): Promise<readonly Step[]> {
  const command = [process.execPath, '-e', PROGRAM]
  const browse = { logIn: async (url: string) => `${url}?code=1` }
  const steps: Step[] = []
  for await (const step of converse({ command, told: { name }, browse })) steps.push(step)
  return steps
}

describe('a client in another language', () => {
  it('is told what it has to know, has the signer follow URLs, and says what became of each step', async () => {
    assert.deepEqual(await told('alice'), [{ what: 'log in', passed: true, word: 'https://a/alice?code=1' }])
  })

  it('that ends badly is told with its last words', async () => {
    await assert.rejects(told('bob'), /ended with 3: no credential/)
  })
})
