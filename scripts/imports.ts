/**
 * Reads every import of the repository and the picture of docs/architecture.md, and compares them.
 *
 * npm hoists packages, so that an import nobody declared still resolves. These rules make the manifests true
 * again: what a package's manifest and the picture say is what its code can reach. Each rule returns what is
 * wrong, in sentences; the rules know no file system, so that the test can show each of them a planted violation.
 *
 * The text is read with patterns rather than a parser (TypeScript 7 has none to offer): static imports begin a
 * line, which the formatter guarantees, and an `import()` of anything but a literal is itself a violation.
 */
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'

export interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, { readonly 'natsuin-source': string }>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export interface SourceFile {
  /** From the root, with `/`: `packages/pki/src/asn1/index.ts`. */
  readonly path: string
  readonly text: string
}

export interface World {
  /** What each part may import. Parts are the packages and the folders beside them that hold code. */
  readonly picture: ReadonlyMap<string, ReadonlySet<string>>
  /** By part. Folders without a manifest (`faces`, `test`, `scripts`) are no packages. */
  readonly manifests: ReadonlyMap<string, Manifest>
  readonly root: Manifest
  readonly files: readonly SourceFile[]
  /** Files that are not TypeScript but can be imported (styles, pictures), from the root. */
  readonly assets: ReadonlySet<string>
}

const TEST_FILE = /(?:\.(?:test|suite)\.tsx?|\/test-kit\.ts)$|\/fixture\//
const SCOPE = '@natsuin/'
const TEST_KIT = 'testing'

/** Parts that run in browsers as well as in Node. */
const BROWSER_PARTS = ['pki', 'ades', 'protocol', 'evidence', 'client']

const QUANTIFIERS = new Set(['everything', 'nothing'])

/** The lines between "```imports" and "```", each `part, part → package, package`. */
export function parsePicture(markdown: string): Map<string, Set<string>> {
  const block = /^```imports\n(.*?)^```$/ms.exec(markdown)?.[1]
  if (block === undefined) throw new Error('docs/architecture.md holds no ```imports block')
  const rows = block.trim().split('\n').map(parseRow)
  const published = new Set(
    [...rows.flatMap(row => row.targets), TEST_KIT].filter(word => !QUANTIFIERS.has(word)),
  )
  return new Map(rows.flatMap(({ parts, targets }) => parts.map(part => [part, expand(targets, published)])))
}

function parseRow(line: string) {
  const [left, right, ...more] = line.split('→')
  if (left === undefined || right === undefined || more.length > 0)
    throw new Error(`not a row of the picture: ${line}`)
  return { parts: words(left), targets: words(right) }
}

function words(text: string): string[] {
  return text.split(',').map(word => word.trim())
}

function expand(targets: readonly string[], published: ReadonlySet<string>): Set<string> {
  if (targets.includes('nothing')) return new Set()
  return new Set(targets.includes('everything') ? published : targets)
}

const PATTERNS = [
  /^(?:import|export)\s(?:[^;'"`]*?\sfrom\s)?'([^']+)'/gm,
  /\bimport\(\s*(?:\/\*.*?\*\/\s*)?['"]([^'"]+)['"]/g,
  /\brequire\(\s*['"]([^'"]+)['"]/g,
]
const COMPUTED = /\b(?:import|require)\(\s*(?!['"]|\/\*)[^\s)]/
const COMMENT_LINE = /^\s*(?:\*|\/\/|\/\*).*$/gm

/** Every module that the text names: static, type-only, dynamic and required. */
export function importsOf(text: string): string[] {
  const code = withoutComments(text)
  return PATTERNS.flatMap(pattern => [...code.matchAll(pattern)].map(match => match[1] ?? ''))
}

function withoutComments(text: string): string {
  return text.replace(COMMENT_LINE, '')
}

interface Import {
  readonly file: string
  readonly part: string
  readonly specifier: string
  readonly isTest: boolean
}

function imports(world: World): Import[] {
  return world.files.flatMap(({ path, text }) =>
    importsOf(text).map(specifier => ({ file: path, part: partOf(path), specifier, isTest: isTest(path) })),
  )
}

function partOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first === 'packages' ? second : first
}

/** Test files, what they share (suites, a `test-kit.ts`, a folder `fixture`), and the parts that only test. */
function isTest(path: string): boolean {
  return TEST_FILE.test(path) || [TEST_KIT, 'test', 'scripts'].includes(partOf(path))
}

function isOurs(specifier: string): boolean {
  return specifier.startsWith(SCOPE)
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.')
}

/** `@natsuin/pki/asn1` → `pki`; `@scope/name/x` → `@scope/name`; `name/x` → `name`. */
function packageOf(specifier: string): string {
  const length = specifier.startsWith('@') ? 2 : 1
  const name = specifier.split('/').slice(0, length).join('/')
  return isOurs(name) ? name.slice(SCOPE.length) : name
}

function say(at: Import, what: string): string {
  return `${at.file} imports ${at.specifier}: ${what}`
}

/** The picture shows every part that holds code, and nothing else. */
function pictureIsComplete(world: World): string[] {
  const parts = new Set([...world.manifests.keys(), ...world.files.map(file => partOf(file.path))])
  const shown = new Set(world.picture.keys())
  return [
    ...[...parts.difference(shown)].map(part => `${part} is not in the picture`),
    ...[...shown.difference(parts)].map(part => `${part} is in the picture and does not exist`),
  ]
}

function followThePicture(world: World): string[] {
  return imports(world)
    .filter(one => isOurs(one.specifier) && !mayImport(world, one))
    .map(one => say(one, `the picture does not lead from ${one.part} to ${packageOf(one.specifier)}`))
}

function mayImport(world: World, { part, specifier, isTest }: Import): boolean {
  const target = packageOf(specifier)
  if (isTest && (target === TEST_KIT || target === part)) return true
  return world.picture.get(part)?.has(target) === true
}

function reachOnlyWhatIsPublished(world: World): string[] {
  const paths = new Set(world.files.map(file => file.path))
  return imports(world)
    .filter(({ specifier }) => isOurs(specifier) && !paths.has(entryOf(world, specifier) ?? ''))
    .map(one => say(one, 'is no published entry point'))
}

/** The source file behind a specifier, by the `exports` of the package's manifest. */
function entryOf(world: World, specifier: string): string | undefined {
  const part = packageOf(specifier)
  const subpath = `.${specifier.slice(SCOPE.length + part.length)}`
  for (const [pattern, target] of Object.entries(world.manifests.get(part)?.exports ?? {})) {
    const star = matchPattern(pattern, subpath)
    if (star !== undefined) return posix.join('packages', part, target['natsuin-source'].replace('*', star))
  }
  return undefined
}

/** What `*` stands for, '' where the pattern has none; undefined where they do not match. */
function matchPattern(pattern: string, subpath: string): string | undefined {
  const [before = '', after] = pattern.split('*')
  if (after === undefined) return pattern === subpath ? '' : undefined
  const matches = subpath.startsWith(before) && subpath.endsWith(after) && subpath.length > before.length
  return matches ? subpath.slice(before.length, subpath.length - after.length) : undefined
}

function stayInsideTheirPackage(world: World): string[] {
  return imports(world)
    .filter(({ specifier }) => isRelative(specifier))
    .filter(one => !mayReach(world, one.part, partOf(target(one.file, one.specifier))))
    .map(one => say(one, `leaves ${one.part}`))
}

/** A folder that is no package (`faces`) is reached by path, by those whom the picture shows. */
function mayReach(world: World, from: string, to: string): boolean {
  return from === to || (!world.manifests.has(to) && world.picture.get(from)?.has(to) === true)
}

function nameFilesThatExist(world: World): string[] {
  const paths = new Set([...world.files.map(file => file.path), ...world.assets])
  return imports(world)
    .filter(({ specifier }) => isRelative(specifier))
    .filter(({ file, specifier }) => !paths.has(target(file, specifier)))
    .map(one => say(one, 'there is no such file'))
}

/** A bundler's suffix (`?url`) is no part of the path, and what is in `dist` is built from `src`. */
function target(file: string, specifier: string): string {
  const path = posix.join(posix.dirname(file), specifier.replace(/\?.*$/, ''))
  return path.replace(/\/dist\/(.*)\.js$/, '/src/$1.ts')
}

function areDeclared(world: World): string[] {
  return imports(world)
    .filter(({ specifier }) => !isRelative(specifier) && !isBuiltin(specifier))
    .filter(one => !declaredFor(world, one).has(nameInManifest(one.specifier)))
    .map(one => say(one, `the manifest of ${one.part} does not declare it`))
}

function nameInManifest(specifier: string): string {
  return isOurs(specifier) ? SCOPE + packageOf(specifier) : packageOf(specifier)
}

/** What an import may name. Test files have the root's development tools too. */
function declaredFor(world: World, { part, isTest }: Import): Set<string> {
  const manifest = world.manifests.get(part)
  if (manifest === undefined) return declaredForFolder(world, part)
  const development = Object.keys({ ...manifest.devDependencies, ...world.root.devDependencies })
  return new Set([
    ...runtimeDependencies(manifest),
    ...(isTest ? [...development, `${SCOPE}${TEST_KIT}`, manifest.name] : []),
    ...(isBundled(manifest) ? development : []),
  ])
}

/** A folder that is no package has what all packages that take it in declare, or else the root's tools and our packages. */
function declaredForFolder(world: World, folder: string): Set<string> {
  const takers = [...world.manifests].filter(([part]) => part !== 'demo' && part !== 'bench')
  const declared = takers
    .filter(([part]) => world.picture.get(part)?.has(folder))
    .map(([, taker]) => new Set(Object.keys({ ...taker.dependencies, ...taker.devDependencies })))
  const ours = [...world.manifests.values()].map(one => one.name)
  const fallback = new Set([...Object.keys(world.root.devDependencies ?? {}), ...ours])
  return declared.length === 0 ? fallback : declared.reduce((all, one) => all.intersection(one))
}

function runtimeDependencies(manifest: Manifest): string[] {
  return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
}

/** What Vite bundles into pages is not installed where the process runs, hence a development dependency. */
function isBundled(manifest: Manifest | undefined): boolean {
  return manifest?.devDependencies?.['vite'] !== undefined
}

function areNeeded(world: World): string[] {
  const all = imports(world)
  return [...world.manifests].flatMap(([part, manifest]) => {
    const used = new Set(
      all.filter(one => one.part === part && inProduct(one)).map(one => nameInManifest(one.specifier)),
    )
    return runtimeDependencies(manifest)
      .filter(name => !used.has(name))
      .map(name => `${part} declares ${name} and imports it nowhere outside tests`)
  })
}

function inProduct({ isTest, part }: Import): boolean {
  return !isTest || part === TEST_KIT
}

function runInBrowsers(world: World): string[] {
  return imports(world)
    .filter(one => BROWSER_PARTS.includes(one.part) && isBuiltin(one.specifier))
    .filter(({ file, isTest }) => !isTest && !file.split('/').includes('node'))
    .map(one => say(one, `${one.part} runs in browsers too; Node's modules belong in a folder named node`))
}

function keepTestsOutOfTheProduct(world: World): string[] {
  return imports(world)
    .filter(
      ({ file, specifier }) => isRelative(specifier) && !isTest(file) && isTest(target(file, specifier)),
    )
    .map(one => say(one, 'is for tests only'))
}

function nameModulesLiterally(world: World): string[] {
  return world.files
    .filter(({ text }) => COMPUTED.test(withoutComments(text)))
    .map(({ path }) => `${path} imports a module whose name it computes`)
}

function formNoCircle(world: World): string[] {
  const next = new Map(
    world.files.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter(isRelative)
        .map(specifier => target(path, specifier)),
    ]),
  )
  return circles(next).map(circle => `files import each other in a circle: ${circle.join(' → ')}`)
}

/** One circle per set of nodes that depth-first search meets again while they are open. */
function circles(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const visit = (node: string, open: readonly string[]): void => {
    const start = open.indexOf(node)
    if (start >= 0) found.push([...open.slice(start), node])
    if (start >= 0 || done.has(node)) return
    for (const following of next.get(node) ?? []) visit(following, [...open, node])
    done.add(node)
  }
  for (const node of next.keys()) visit(node, [])
  return found
}

/** The front end cannot reach a signing key: neither a key module nor its binding is among what it depends on. */
function keepKeysFromTheServer(world: World): string[] {
  const reached = new Set<string>()
  const visit = (name: string): void => {
    if (reached.has(name)) return
    reached.add(name)
    const manifest = world.manifests.get(name.slice(SCOPE.length))
    if (manifest !== undefined) for (const next of runtimeDependencies(manifest)) visit(next)
  }
  visit(`${SCOPE}server`)
  const forbidden = [
    `${SCOPE}crypto-module`,
    `${SCOPE}sam`,
    `${SCOPE}authorities`,
    'pkcs11js',
    'graphene-pk11',
  ]
  return forbidden.filter(name => reached.has(name)).map(name => `server depends on ${name}`)
}

const VERIFIER = 'packages/ades/src/validation/'
/** One reader of XML for both, on purpose: two could see two documents (T-XML-08). Other people's programs judge it. */
const SHARED_READER = 'packages/ades/src/xml/'
/** The same holds for the files in a container (T-ZIP-03). */
const SHARED_ZIP_READER = 'packages/ades/src/zip/'
/** Imports of types alone are erased, and share nothing that runs. */
const TYPE_IMPORT = /^(?:import|export)\stype\s[^;'"`]*?\sfrom\s'[^']+'/gm

/** A mistake in the reader or the writer of PDFs would else be made twice, and the judge would see nothing. */
function keepTheVerifierApart(world: World): string[] {
  return world.files
    .filter(({ path }) => path.startsWith(VERIFIER) && !isTest(path))
    .flatMap(({ path, text }) =>
      importsOf(text.replace(TYPE_IMPORT, ''))
        .filter(specifier => isRelative(specifier))
        .filter(
          specifier =>
            ![VERIFIER, SHARED_READER, SHARED_ZIP_READER].some(one =>
              target(path, specifier).startsWith(one),
            ),
        )
        .map(specifier => `${path} imports ${specifier}: what signs would judge itself`),
    )
}

/** Every rule under the sentence that it keeps true. */
export const RULES: Readonly<Record<string, (world: World) => string[]>> = {
  'the picture shows every package': pictureIsComplete,
  'imports follow the picture': followThePicture,
  'imports across packages reach only published entry points': reachOnlyWhatIsPublished,
  'relative imports stay inside their package': stayInsideTheirPackage,
  'relative imports name files that exist': nameFilesThatExist,
  'every import is declared in the manifest of its package': areDeclared,
  'every declared dependency is imported': areNeeded,
  'packages that run in browsers import nothing of Node outside their node folders': runInBrowsers,
  'nothing but tests imports what is for tests': keepTestsOutOfTheProduct,
  'imports name their module literally': nameModulesLiterally,
  'no files import each other in a circle': formNoCircle,
  'the server cannot reach a signing key': keepKeysFromTheServer,
  'the verifier of PDFs shares no code with what signs them': keepTheVerifierApart,
}
