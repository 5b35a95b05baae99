/**
 * Who in a revision refers to certain objects: every object is read, stream data apart.
 *
 * Needed to judge what was appended: an object that an old one refers to would change what the old one means,
 * although it stays as it is.
 */
import type { Revision } from './structure/revision.ts'
import type { Value } from './structure/value.ts'

/** For each of the numbers that is referred to, the objects that do. */
export async function referencesIn(
  revision: Revision,
  numbers: ReadonlySet<number>,
): Promise<ReadonlyMap<number, ReadonlySet<number>>> {
  const referrers = new Map<number, Set<number>>()
  const note = (number: number, referrer: number) => {
    if (numbers.has(number)) referrers.set(number, (referrers.get(number) ?? new Set()).add(referrer))
  }
  for (const number of revision.sections.places.keys()) {
    for (const target of targetsOf((await revision.object(number)).value)) note(target, number)
  }
  return referrers
}

/** Nesting is bounded where values are read. */
function* targetsOf(value: Value): Generator<number> {
  if (value.kind === 'reference') yield value.number
  else if (value.kind === 'list') for (const item of value.items) yield* targetsOf(item)
  else if (value.kind === 'dictionary') for (const entry of value.entries.values()) yield* targetsOf(entry)
}
