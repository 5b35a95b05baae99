import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { notedVariables, ownSurroundings, problemsOfSurroundings } from './surroundings.ts'

const FIXTURE = fileURLToPath(new URL('../fixture/program.ts', import.meta.url))
const CONDITION = '--conditions=natsuin-source'

const honest = {
  nodeOptions: [CONDITION, '--disable-sigusr1'],
  environment: { PATH: '/bin' },
  inspector: undefined,
}

describe('what is around a process (T-SEC-02, T-CFG-05)', () => {
  it('is no reason not to start where nothing looks in', () => {
    assert.deepEqual(problemsOfSurroundings(honest), [])
  })

  it('is one where a debugger may connect, memory would be written out, or other code run first', () => {
    const options = [
      '--inspect',
      '--inspect-brk=0.0.0.0:9229',
      '--inspect-port=1',
      '--heapsnapshot-signal=SIGUSR2',
      '--heapsnapshot-near-heap-limit=1',
      '--heap-prof',
      '--cpu-prof',
      '--report-on-signal',
      '--require=/tmp/x.js',
      '-r',
      '--import=/tmp/x.mjs',
      '--experimental-loader=/tmp/x.mjs',
      '--tls-min-v1.0',
    ]
    for (const option of options) {
      assert.equal(problemsOfSurroundings({ ...honest, nodeOptions: [option] }).length, 1, option)
      const environment = { NODE_OPTIONS: `--max-old-space-size=100 ${option}` }
      assert.equal(problemsOfSurroundings({ ...honest, environment }).length, 1, option)
    }
    assert.equal(problemsOfSurroundings({ ...honest, inspector: 'ws://127.0.0.1:9229/x' }).length, 1)
  })

  it('is one where a variable loosens TLS or loads code, and the path in it is not repeated', () => {
    for (const name of ['NODE_TLS_REJECT_UNAUTHORIZED', 'LD_AUDIT', 'LD_PRELOAD']) {
      const [problem = '', ...more] = problemsOfSurroundings({
        ...honest,
        environment: { [name]: '/x/secret' },
      })
      assert.match(problem, new RegExp(`^${name}`))
      assert.ok(!problem.includes('secret'))
      assert.deepEqual(more, [])
      assert.deepEqual(problemsOfSurroundings({ ...honest, environment: { [name]: '' } }), [])
    }
  })

  it('is noted where a variable adds trust or a proxy', () => {
    const environment = { NODE_EXTRA_CA_CERTS: '/x', OPENSSL_CONF: '', NODE_USE_ENV_PROXY: '1', PATH: '/bin' }
    assert.deepEqual(notedVariables({ ...honest, environment }), [
      'NODE_EXTRA_CA_CERTS',
      'NODE_USE_ENV_PROXY',
    ])
    assert.deepEqual(problemsOfSurroundings({ ...honest, environment }), [])
    assert.deepEqual(notedVariables(honest), [])
  })

  it('is read from this process', () => {
    assert.ok(ownSurroundings().nodeOptions.includes(CONDITION))
  })
})

describe('a program, looked into from outside', () => {
  const launch = (nodeOptions: readonly string[]) =>
    spawn(process.execPath, [...nodeOptions, CONDITION, FIXTURE, 'listen', '--config', 'x', '--word', '0'])

  it('does not start under a debugger (T-SEC-02)', async () => {
    const child = launch(['--inspect=127.0.0.1:0'])
    const log = text(child.stderr)
    assert.deepEqual(await once(child, 'exit'), [2, null])
    assert.match(await log, /a debugger may connect/)
  })

  it('lets nobody switch a debugger on by a signal (T-SEC-02)', async () => {
    for (const options of [[], ['--disable-sigusr1']]) {
      const child = launch(options)
      const log = text(child.stderr)
      await once(child.stdout, 'readable')
      child.kill('SIGUSR1')
      await pause(300)
      child.kill('SIGTERM')
      assert.deepEqual(await once(child, 'exit'), [0, null])
      assert.doesNotMatch(await log, /Debugger listening/)
    }
  })

  it('has a twin without the frame, in which the signal does open a debugger', async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setTimeout(() => {}, 5000)'])
    await once(child.stdout, 'readable')
    child.kill('SIGUSR1')
    for await (const chunk of child.stderr) if (String(chunk).includes('Debugger listening')) break
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
})
