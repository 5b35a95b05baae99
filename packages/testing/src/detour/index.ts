export {
  cuts,
  type Detour,
  delays,
  type Manner,
  openDetour,
  passes,
  stutters,
  swallows,
} from './detour.ts'
