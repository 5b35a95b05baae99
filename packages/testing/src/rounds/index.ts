export { type RoundName, rounds, seed } from './rounds.ts'
