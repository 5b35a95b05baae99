import { launch } from './launch.mjs'

launch('bench/main.ts', { first: 'scripts/make-ready.ts' })
