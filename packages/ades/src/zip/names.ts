/**
 * Names of files in a container. They are data and no paths of ours: nothing is ever written by them. Those that somebody
 * else's program could take for a way out, or two for one, are refused all the same (T-ZIP-01, T-ZIP-03).
 */
import { ZipRefusal } from './refusal.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is refused.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
/** Look like a dot or a slash and are none. */
const LOOK_ALIKES = /[\u2024\u2025\u2026\u2044\u2215\u29f8\uff0e\uff0f\uff3c]/

/** @throws ZipRefusal `zip-name-invalid` unless it is a plain path */
export function checkName(name: string): void {
  const segments = name.split('/')
  const plain =
    !CONTROL.test(name) &&
    !LOOK_ALIKES.test(name) &&
    !name.includes('\\') &&
    !/^[A-Za-z]:/.test(name) &&
    segments.every(segment => segment !== '' && segment !== '.' && segment !== '..')
  if (!plain) throw new ZipRefusal('zip-name-invalid', JSON.stringify(name))
}

/** @throws ZipRefusal `zip-name-twice` for names that are one where case or composition do not count */
export function checkDistinct(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    const folded = name.normalize('NFC').toLowerCase()
    if (seen.has(folded)) throw new ZipRefusal('zip-name-twice', JSON.stringify(name))
    seen.add(folded)
  }
}
