export { type KeyFile, type KeyInFile, needsPassword, openKeyFile } from './open-key-file.ts'
