/** Writes the page of what `@natsuin/ades` exports beside its README: a part of `npm run docs`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPage } from './api.ts'
import { ROOT } from './root.ts'

writeFileSync(join(ROOT, 'packages', 'ades', 'api.md'), apiPage())
