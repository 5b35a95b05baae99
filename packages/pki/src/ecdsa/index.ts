export { buildEcdsaSigValue, parseEcdsaSigValue } from './sig-value.ts'
