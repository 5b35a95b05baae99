export { browserPlatform } from './browser-platform.ts'
