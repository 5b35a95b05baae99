export { nodePlatform } from '@natsuin/pki/node'
export { type FileSource, openFileSource } from './file-source.ts'
export { type GuardedExchangeOptions, guardedExchange } from './guarded-exchange.ts'
export { openStreamSource } from './stream-source.ts'
