import { launch } from './launch.mjs'

launch('scripts/coverage.ts')
