/**
 * Editions of the CSC API. `v1` and `v2` are what base paths say; `specs` is what `info` says, and tells v2.0 from
 * what came after it: CSC API v1.0.4.0 and v2.0.0.2, 7.2 and 11.1; v2.2.0.0, 11.1.
 */
export const editions = ['v1', 'v2'] as const
export type Edition = (typeof editions)[number]

/** From old to new. v1.0.4.0 itself still says 1.0.3.0, and so do its deployed servers. */
export const allSpecs = ['1.0.3.0', '2.0.0.0', '2.1.0.1', '2.2.0.0'] as const
export type Specs = (typeof allSpecs)[number]

export function editionOf(specs: Specs): Edition {
  return specs === '1.0.3.0' ? 'v1' : 'v2'
}

/** Whether what came with `since` is there in `specs`. */
export function isSince(since: Specs, specs: Specs): boolean {
  return allSpecs.indexOf(since) <= allSpecs.indexOf(specs)
}
