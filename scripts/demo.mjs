import { launch } from './launch.mjs'

launch('demo/main.ts')
