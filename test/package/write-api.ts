/** Writes the page of what a package exports beside its README: a part of `npm run docs`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPage, DOCUMENTED } from './api.ts'
import { ROOT } from './root.ts'

for (const name of DOCUMENTED) writeFileSync(join(ROOT, 'packages', name, 'api.md'), apiPage(name))
