/**
 * `@natsuin/ades`, `@natsuin/client` and what they depend on as npm would publish them: compiled, packed, and installed into an empty folder
 * without a registry.
 *
 * Inside the repository the sources are imported as they are; only who uses the library outside needs the JavaScript and
 * the declarations that are made here.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { apiPage, DOCUMENTED } from './api.ts'
import { ROOT } from './root.ts'

const OURS = ['pki', 'ades', 'protocol', 'client'] as const

/**
 * Compiles and packs.
 *
 * @returns the archives, in the order in which one needs the other
 */
export function packInto(folder: string): readonly string[] {
  const stages = OURS.map(name => stage(name, folder))
  return [join(ROOT, 'node_modules', '@noble', 'hashes'), ...stages].map(from => pack(from, folder))
}

/** An empty folder with nothing but the packages in it. */
export function installInto(folder: string, archives: readonly string[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
  const quietly = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--silent']
  run('npm', ['install', ...quietly, ...archives.map(archive => resolve(archive))], folder)
}

interface Manifest {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly devDependencies?: unknown
}

/** A folder as `npm pack` wants it: what is published has no sources, and no condition that leads to them. */
function stage(name: (typeof OURS)[number], folder: string): string {
  const [from, to] = [join(ROOT, 'packages', name), join(folder, 'staged', name)]
  mkdirSync(to, { recursive: true })
  const { devDependencies: _, ...manifest } = readJson<Manifest>(join(from, 'package.json'))
  const exports = Object.entries(manifest.exports).map(([path, conditions]) => {
    const { 'natsuin-source': __, ...published } = conditions
    return [path, published]
  })
  writeJson(join(to, 'package.json'), {
    ...manifest,
    files: ['dist', 'api.md'],
    exports: Object.fromEntries(exports),
  })
  cpSync(join(from, 'README.md'), join(to, 'README.md'))
  cpSync(join(ROOT, 'LICENSE'), join(to, 'LICENSE'))
  const documented = DOCUMENTED.find(one => one === name)
  if (documented !== undefined) writeFileSync(join(to, 'api.md'), apiPage(documented))
  compile(from, to, folder)
  return to
}

const UNPUBLISHED = ['**/*.test.ts', '**/*.suite.ts', '**/fixture/**', '**/test-kit.ts']

function compile(from: string, to: string, folder: string): void {
  const { compilerOptions } = readJson<{ compilerOptions: object }>(join(ROOT, 'tsconfig.json'))
  const options = {
    ...compilerOptions,
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    rootDir: join(from, 'src'),
    outDir: join(to, 'dist'),
    customConditions: [],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    // The packages that were compiled before, not their sources.
    paths: { '@natsuin/*': [join(folder, 'staged', '*')], ...pathsOf(folder) },
  }
  const project = join(folder, `tsconfig.${basename(from)}.json`)
  const exclude = UNPUBLISHED.map(pattern => join(from, 'src', pattern))
  writeJson(project, { compilerOptions: options, include: [join(from, 'src')], exclude })
  run(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', project], from)
}

function pathsOf(folder: string) {
  const shared = ['pki', 'protocol'] as const
  return Object.fromEntries(
    shared.map(name => [`@natsuin/${name}/*`, [join(folder, 'staged', name, 'dist', '*', 'index.d.ts')]]),
  )
}

function pack(from: string, folder: string): string {
  const said = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], from)
  const [packed] = Object.values(JSON.parse(said) as Record<string, { filename: string }>)
  if (packed === undefined) throw new Error(`npm packed nothing of ${from}`)
  return join(folder, packed.filename)
}

function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, null, 2))
}
