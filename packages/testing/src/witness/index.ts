export { giveWitness, openWitness, type RunningWitness } from './witness.ts'
