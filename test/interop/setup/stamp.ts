/** Folders that are made from files of the repository, and made anew only when one of those has changed. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const STAMP = 'made-from'

/** Runs `make` with an empty folder, unless what is there came from these inputs. A failed attempt leaves no stamp. */
export async function madeFrom(
  folder: string,
  inputs: readonly string[],
  make: () => Promise<void>,
): Promise<void> {
  const stamp = digestOf(inputs)
  if (stampOf(folder) === stamp) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await make()
  writeFileSync(join(folder, STAMP), stamp)
}

function stampOf(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, STAMP), 'utf8')
  } catch {
    return undefined
  }
}

function digestOf(inputs: readonly string[]): string {
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(`${input.length} `).update(input)
  return hash.digest('hex')
}
