import { launch } from './launch.mjs'

launch('test/interop/main.ts')
