#!/usr/bin/env node
/**
 * The natsuin command. In the repository it runs the sources by type stripping, with the Node that npm brought;
 * an installed package runs what was built from them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const bundled = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))

if (!existsSync(source) || source.includes('/node_modules/')) {
  await import('../dist/main.js')
} else {
  const node = existsSync(bundled) ? bundled : process.execPath
  const args = ['--conditions=natsuin-source', source, ...process.argv.slice(2)]
  process.exitCode = spawnSync(node, args, { stdio: 'inherit' }).status ?? 1
}
