/** Measures the bundles of what is published and writes the READMEs' tables: `npm run sizes`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DOCUMENTED } from './api.ts'
import { installInto, packInto } from './pack.ts'
import { bundledBytes, TASKS, writeSizes } from './sizes.ts'

const folder = mkdtempSync(join(tmpdir(), 'natsuin-sizes-'))
try {
  const user = join(folder, 'user')
  installInto(user, packInto(folder))
  for (const name of DOCUMENTED) {
    const sizes = new Map<string, number>()
    for (const task of TASKS[name]) sizes.set(task.task, await bundledBytes(task, user))
    writeSizes(name, sizes)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
