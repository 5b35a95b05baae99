/** A SoftHSM2 token for tests, benchmarks and demonstrations. */
export { createSoftHsmToken, type SoftHsmToken } from './softhsm-token.ts'
