export { firstTimeStamp, type TimeStampSource } from './first-time-stamp.ts'
export { type TimeStampByOptions, type TimeStampExchange, timeStampBy } from './time-stamp-by.ts'
export { timeStampExchange } from './time-stamp-exchange.ts'
export { tokenBytesOf } from './token-bytes.ts'
