import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const FIXTURE = fileURLToPath(new URL('../fixture/program.ts', import.meta.url))

function launch(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=natsuin-source', FIXTURE, ...args])
  const ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  return { child, ended: ended.then(([[code], output, log]) => ({ code: Number(code), output, log })) }
}

const run = (...args: readonly string[]) => launch(...args).ended

describe('a program, seen from outside', () => {
  it('runs the command that was named, with its options, and answers with one line of JSON', async () => {
    const { code, output, log } = await run('say', '--config', 'x.json', '--word', 'yes')
    assert.deepEqual(
      { code, output, log },
      { code: 0, output: '{"config":"x.json","word":"yes"}\n', log: '' },
    )
  })

  it('prints help when asked, and to standard error when it understands nothing else', async () => {
    assert.deepEqual(await run('--help'), { code: 0, output: 'the help\n', log: '' })
    for (const args of [
      [],
      ['say'],
      ['other', '--config', 'x'],
      ['say', 'more', '--config', 'x'],
      ['toString'],
    ]) {
      assert.deepEqual(await run(...args), { code: 2, output: '', log: 'the help\n' }, args.join(' '))
    }
  })

  it('says which option it does not understand', async () => {
    const { code, output, log } = await run('say', '--config', 'x', '--sword', 'no')
    assert.deepEqual({ code, output }, { code: 2, output: '' })
    assert.match(log, /--sword.*the help\n$/s)
  })

  it('tells a wrong configuration, a failure that scripts act on and a fault apart', async () => {
    const misconfigured = await run('misconfigured', '--config', 'x')
    assert.equal(misconfigured.code, 2)
    assert.deepEqual(JSON.parse(misconfigured.log).problems, ['a', 'b'])
    const told = await run('tell', '--config', 'x')
    assert.deepEqual({ code: told.code, output: told.output }, { code: 1, output: '{"error":"told"}\n' })
    const broken = await run('break', '--config', 'x')
    assert.deepEqual({ code: broken.code, output: broken.output }, { code: 1, output: '' })
    assert.equal(JSON.parse(broken.log).fault, 'broken')
  })

  it('says which port is taken, and exits with 3', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { code, output } = await run('listen', '--config', 'x', '--word', String(port))
    other.close()
    assert.deepEqual(
      { code, answer: JSON.parse(output) },
      { code: 3, answer: { error: 'address-in-use', port } },
    )
  })

  it('serves until a signal, or the end of its input if that was asked for', async () => {
    const ends = {
      SIGTERM: [child => child.kill('SIGTERM')],
      SIGINT: [child => child.kill('SIGINT')],
      'stdin-closed': [child => child.stdin.end(), '--exit-with-parent'],
    } satisfies Record<string, [(child: ReturnType<typeof launch>['child']) => unknown, ...string[]]>
    for (const [reason, [end, ...options]] of Object.entries(ends)) {
      const { child, ended } = launch('listen', '--config', 'x', '--word', '0', ...options)
      await once(child.stdout, 'readable')
      end(child)
      const { code, output, log } = await ended
      assert.deepEqual({ code, output }, { code: 0, output: '{"ready":true,"listening":true}\n' })
      assert.equal(JSON.parse(log.trimEnd().split('\n').at(-1) ?? '').reason, reason)
    }
  })
})
