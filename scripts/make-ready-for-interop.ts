/** Makes the machine ready for the independent judges, or says what is missing and ends with 1. */
import { INTEROP_PREREQUISITES, installMissing } from './prerequisites.ts'

const unready = installMissing(INTEROP_PREREQUISITES)
if (unready !== undefined) {
  console.error(unready)
  process.exitCode = 1
}
