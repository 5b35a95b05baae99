/**
 * Writes that share a commit: what arrives while one is under way goes together into the next.
 *
 * A lone write waits for nobody; under load the groups grow by themselves, because the disk's sync costs more
 * than everything else.
 */

interface Group<T> {
  readonly items: T[]
  readonly written: Promise<void>
}

/** @param write writes all of these, or fails for all of them */
export function grouped<T>(
  write: (items: readonly T[]) => Promise<void>,
): (items: readonly T[]) => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve()
  let next: Group<T> | undefined
  const begin = (): Group<T> => {
    const items: T[] = []
    const written = underWay.then(() => {
      next = undefined
      return write(items)
    })
    underWay = written.catch(() => {})
    return { items, written }
  }
  return items => {
    next ??= begin()
    next.items.push(...items)
    return next.written
  }
}
