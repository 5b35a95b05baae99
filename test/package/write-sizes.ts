/** Measures the bundles of `@natsuin/ades` and writes the README's table: `npm run sizes`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installInto, packInto } from './pack.ts'
import { bundledBytes, TASKS, writeSizes } from './sizes.ts'

const folder = mkdtempSync(join(tmpdir(), 'natsuin-sizes-'))
try {
  const user = join(folder, 'user')
  installInto(user, packInto(folder))
  const sizes = new Map<string, number>()
  for (const task of TASKS) sizes.set(task.task, await bundledBytes(task, user))
  writeSizes(sizes)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
