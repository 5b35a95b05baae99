export { type TimeStampByOptions, type TimeStampExchange, timeStampBy } from './time-stamp-by.ts'
