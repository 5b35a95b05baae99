/** Keeps a fixed number of calls under way for a while and counts what came back. */
export interface Load {
  readonly seconds: number
  /** Calls under way at the same time. */
  readonly concurrency: number
}

export interface Rate {
  readonly perSecond: number
  /** Of one call, milliseconds. */
  readonly median: number
  /** 99th percentile of one call, milliseconds. */
  readonly p99: number
}

/**
 * @param call does one unit of work; returns how many results it gave, 0 when there is no more work
 */
export async function rateOf(call: () => Promise<number>, { seconds, concurrency }: Load): Promise<Rate> {
  const times: number[] = []
  let results = 0
  const begun = performance.now()
  const end = begun + seconds * 1000
  const worker = async () => {
    while (performance.now() < end) {
      const before = performance.now()
      const given = await call()
      if (given === 0) return
      times.push(performance.now() - before)
      results += given
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const elapsed = (performance.now() - begun) / 1000
  return { perSecond: results / elapsed, median: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
