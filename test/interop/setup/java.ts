/**
 * A program for the Java machine: Maven brings what its pom.xml names and all that this needs, each file is compared
 * with jars.sha256, and the one file of ours is compiled against it.
 */
import { createHash } from 'node:crypto'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run, SetupFailure } from './run.ts'
import { madeFrom } from './stamp.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** What a folder of ours has beside pom.xml and jars.sha256. */
export interface JavaProgram {
  readonly folder: string
  /** Java, or Kotlin: then its compiler is among the libraries. */
  readonly source: 'Judge.java' | 'Runner.java' | 'Runner.kt'
}

/** Below the home of what is set up: libraries, and classes of ours. */
export function placesOf(home: string, { folder }: Pick<JavaProgram, 'folder'>) {
  const own = join(home, basename(folder))
  return { lib: join(own, 'lib'), classes: join(own, 'classes') }
}

/** What starts it. */
export function commandOf(home: string, program: JavaProgram, ...options: string[]): readonly string[] {
  const { lib, classes } = placesOf(home, program)
  const [name, language] = program.source.split('.')
  return ['java', ...options, '-cp', `${classes}:${lib}/*`, language === 'kt' ? `${name}Kt` : `${name}`]
}

/** The release that the pom.xml is there for. */
export function versionInPom(folder: string): string {
  return /<judged\.version>(.*)<\/judged\.version>/.exec(textOf(folder, 'pom.xml'))?.[1] ?? ''
}

/** @param relock  whether jars.sha256 is written instead of compared: after a change of pom.xml */
export async function prepareJava(home: string, program: JavaProgram, relock: boolean): Promise<void> {
  const { folder, source } = program
  await prepareLibraries(home, folder, relock)
  const { lib, classes } = placesOf(home, program)
  await madeFrom(classes, [textOf(folder, 'pom.xml'), textOf(folder, source)], () =>
    run(`The program ${basename(folder)}`, compilation(lib, classes, [join(folder, source)])),
  )
}

export async function prepareLibraries(home: string, folder: string, relock: boolean): Promise<void> {
  const { lib } = placesOf(home, { folder })
  const name = basename(folder)
  await madeFrom(lib, [textOf(folder, 'pom.xml')], () =>
    run(`The libraries of ${name}/pom.xml, from Maven Central`, [
      ...['mvn', '--batch-mode', '--quiet', '--file', join(folder, 'pom.xml'), COPY],
      ...[`-DoutputDirectory=${lib}`, '-DincludeScope=runtime'],
    ]),
  )
  if (relock) writeFileSync(join(folder, 'jars.sha256'), digestsOf(lib))
  else compareJars(folder, lib)
}

const KOTLIN = ['org.jetbrains.kotlin.cli.jvm.K2JVMCompiler', '-no-stdlib', '-no-reflect', '-nowarn']

/** @param sources  all in one language */
export function compilation(lib: string, classes: string, sources: readonly string[]): readonly string[] {
  const libraries = `${lib}/*`
  if (sources.every(source => source.endsWith('.java')))
    return ['javac', '-nowarn', '-d', classes, '-cp', libraries, ...sources]
  const paths = globSync(join(lib, '*.jar')).join(':')
  return ['java', '-cp', libraries, ...KOTLIN, '-d', classes, '-cp', paths, ...sources]
}

const textOf = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8')

/** As `sha256sum` prints it, by name. */
function digestsOf(lib: string): string {
  const lines = globSync(join(lib, '*.jar')).map(path => {
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
    return { name: basename(path), line: `${digest}  ${basename(path)}\n` }
  })
  return lines
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ line }) => line)
    .join('')
}

function compareJars(folder: string, lib: string): void {
  const wanted = new Set(textOf(folder, 'jars.sha256').split('\n'))
  const present = new Set(digestsOf(lib).split('\n'))
  const lines = [
    ...[...wanted.difference(present)].map(line => `  missing or other: ${line}`),
    ...[...present.difference(wanted)].map(line => `  not listed: ${line}`),
  ]
  if (lines.length > 0) throw new SetupFailure([`${lib} is not what jars.sha256 lists:`, ...lines].join('\n'))
}
