export { nodePlatform } from '@natsuin/pki/node'
export { type FileSource, openFileSource } from './file-source.ts'
