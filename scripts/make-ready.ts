/** Makes the machine ready, or says what is missing and ends with 1. */
import { prepareMachine } from './prerequisites.ts'

const unready = prepareMachine()
if (unready !== undefined) {
  console.error(unready)
  process.exitCode = 1
}
