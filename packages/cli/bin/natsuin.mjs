#!/usr/bin/env node
/**
 * The natsuin command. In the repository it runs the sources by type stripping, with the Node that npm brought;
 * an installed package runs what was built from them.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const bundled = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))

if (!existsSync(source) || source.includes('/node_modules/')) {
  await import('../dist/main.js')
} else {
  runSource()
}

function runSource() {
  const node = existsSync(bundled) ? bundled : process.execPath
  const args = ['--conditions=natsuin-source', source, ...process.argv.slice(2)]
  const child = spawn(node, args, { stdio: 'inherit' })
  // From a terminal, Ctrl-C reaches the command by itself; it would see one Ctrl-C as two.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', error => {
    process.stderr.write(`natsuin could not be started: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + constants.signals[signal] : code
  })
}
