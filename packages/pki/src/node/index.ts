export { digestSync, nodePlatform, verifySync } from './node-platform.ts'
