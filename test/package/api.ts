/**
 * What a published package exports, from the docstrings: one page for all entries, with each signature as it stands in the
 * source. It is in the package; `npm run docs` writes it beside the README, where git ignores it.
 *
 * The text is read with patterns, as `scripts/imports.ts` does: the formatter guarantees where declarations begin and end.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './root.ts'

/** Those that are for other people's programs, and have such a page. */
export const DOCUMENTED = ['ades', 'client'] as const

export type DocumentedPackage = (typeof DOCUMENTED)[number]

export interface Exported {
  /** As it is imported: `@natsuin/ades/jades`. */
  readonly entry: string
  readonly name: string
  readonly kind: string
  /** Without the stars; empty where there is none. */
  readonly documentation: string
  readonly signature: string
}

/** Everything that the entries export and this package declares; what is of another package, is documented there. */
export function exportedNames(name: DocumentedPackage): readonly Exported[] {
  const source = join(ROOT, 'packages', name, 'src')
  const entries = globSync('**/index.ts', { cwd: source }).toSorted()
  return entries.flatMap(path => {
    const entry = join('@natsuin', name, dirname(path))
    const declared = reExportsIn(join(source, path)).flatMap(({ name, from }) => declarationOf(name, from))
    return declared.map(declaration => ({ entry, ...declaration }))
  })
}

export function apiPage(name: DocumentedPackage, exported = exportedNames(name)): string {
  const head = `# @natsuin/${name}: what it exports\n\nWritten from the docstrings.\n`
  const sections = [...Map.groupBy(exported, ({ entry }) => entry)].map(
    ([entry, names]) => `\n## ${entry}\n${names.map(section).join('')}`,
  )
  return head + sections.join('')
}

function section({ name, documentation, signature }: Exported): string {
  const text = documentation === '' ? '' : `\n${documentation}\n`
  return `\n### ${name}\n${text}\n\`\`\`ts\n${signature}\n\`\`\`\n`
}

interface ReExport {
  readonly name: string
  /** The file. */
  readonly from: string
}

function reExportsIn(path: string): readonly ReExport[] {
  const statements = readFileSync(path, 'utf8').matchAll(/^export (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm)
  return [...statements].flatMap(([, names = '', from = '']) =>
    names
      .split(',')
      .map(name => name.trim().replace(/^type /, ''))
      .filter(name => name !== '')
      .map(name => ({ name, from: join(dirname(path), from) })),
  )
}

type Declaration = Omit<Exported, 'entry'>

function declarationOf(name: string, path: string): readonly Declaration[] {
  const text = readFileSync(path, 'utf8')
  const found = new RegExp(
    `^export (?:async )?(function\\*?|const|class|interface|type) ${name}\\b`,
    'm',
  ).exec(text)
  if (found === null) {
    const further = reExportsIn(path).find(one => one.name === name)
    return further === undefined ? [] : declarationOf(name, further.from)
  }
  const [, kind = ''] = found
  const documentation = documentationBefore(text.slice(0, found.index))
  return [{ name, kind, documentation, signature: signatureIn(text.slice(found.index), kind) }]
}

function documentationBefore(text: string): string {
  const [, block = ''] = /\/\*\*((?:(?!\*\/).)*)\*\/\s*$/s.exec(text) ?? []
  const lines = block.split('\n').map(line => line.replace(/^\s*\* ?/, '').trimEnd())
  return lines
    .join('\n')
    .trim()
    .replace(/^@param (\S+)\s+/gm, '- `$1`: ')
    .replace(/^@(returns|throws)\s+/gm, '- $1 ')
}

/** Of functions and classes the head; of everything else all of it: none of it has an empty line inside. */
function signatureIn(text: string, kind: string): string {
  const hasBody = kind.startsWith('function') || kind === 'class'
  return text.slice(0, (hasBody ? / \{$/m : /\n\n|\n$/).exec(text)?.index).trimEnd()
}
