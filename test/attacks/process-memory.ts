/** Looks for bytes in everything that a process has in memory and may write to, as a debugger or a core dump would. */
import { closeSync, globSync, openSync, readFileSync, readSync } from 'node:fs'

/** Which of the values, by name, the process holds. */
export function heldBy(pid: number, sought: ReadonlyMap<string, Buffer>): string[] {
  const found = new Set<string>()
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const region of regionsOf(pid)) {
      for (const part of partsOf(memory, region, longest(sought))) lookFor(sought, part, found)
    }
  } finally {
    closeSync(memory)
  }
  return [...found].toSorted()
}

/** Those that it started, and those that they started. */
export function descendantsOf(pid: number): number[] {
  const children = globSync(`/proc/${pid}/task/*/children`)
    .flatMap(path => readFileSync(path, 'utf8').trim().split(' '))
    .filter(text => text !== '')
    .map(Number)
  return children.flatMap(child => [child, ...descendantsOf(child)])
}

interface Region {
  readonly from: number
  readonly to: number
}

/** Only what is there: an engine reserves far more than it uses. */
function regionsOf(pid: number): Region[] {
  const maps = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
  return maps.flatMap(region => {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(region) ?? []
    const isThere = /^(?:Rss|Swap): +[1-9]/m.test(region)
    return from !== '' && isThere ? [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) }] : []
  })
}

const STEP_BYTES = 4 * 1024 * 1024

/** Its bytes in parts that overlap, so that nothing is cut in two. */
function* partsOf(memory: number, { from, to }: Region, overlap: number): Generator<Buffer> {
  const part = Buffer.alloc(STEP_BYTES + overlap)
  for (let at = from; at < to; at += STEP_BYTES) {
    const read = readAt(memory, part, at, Math.min(part.length, to - at))
    yield part.subarray(0, read)
  }
}

/** How many bytes were there: pages may go while they are looked at. */
function readAt(memory: number, into: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, into, 0, length, at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return 0
    throw error
  }
}

function lookFor(sought: ReadonlyMap<string, Buffer>, part: Buffer, found: Set<string>): void {
  for (const [name, bytes] of sought) if (part.includes(bytes)) found.add(name)
}

const longest = (sought: ReadonlyMap<string, Buffer>) =>
  Math.max(...[...sought.values()].map(({ length }) => length))
