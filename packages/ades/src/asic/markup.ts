/** The little markup that manifests are written with. */

export function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(' ')
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' }

function escaped(value: string): string {
  return value.replace(/[&<"]/g, character => ESCAPES[character] ?? '')
}
