/** From which level to which: the same for every format. */
export const STEPS = [
  ['B-B', 'B-T'],
  ['B-B', 'B-LT'],
  ['B-B', 'B-LTA'],
  ['B-T', 'B-LT'],
  ['B-T', 'B-LTA'],
  ['B-LT', 'B-LTA'],
  ['B-LTA', 'B-LTA'],
] as const

/** Those that a signature has already. */
export const REACHED = [
  ['B-T', 'B-T'],
  ['B-LT', 'B-T'],
  ['B-LT', 'B-LT'],
  ['B-LTA', 'B-T'],
  ['B-LTA', 'B-LT'],
] as const
