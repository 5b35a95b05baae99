/** Baseline levels, spelled as the standards spell them (EN 319 142-1 V1.2.1, 6.1; EN 319 122-1 V1.3.1, 6.1). */
export const BASELINE_LEVELS = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const

export type BaselineLevel = (typeof BASELINE_LEVELS)[number]
