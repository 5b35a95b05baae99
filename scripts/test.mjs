import { launch } from './launch.mjs'

launch('scripts/test-run.ts')
