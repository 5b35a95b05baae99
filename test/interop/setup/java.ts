/**
 * A judge in Java: Maven brings what its pom.xml names and all that this needs, each file is compared with jars.sha256,
 * and the one class of ours is compiled against it.
 */
import { createHash } from 'node:crypto'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run, SetupFailure } from './run.ts'
import { madeFrom } from './stamp.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

export type JavaJudge = 'dss' | 'digidoc4j'

const sourceOf = (judge: JavaJudge, file: string): string =>
  join(import.meta.dirname, '..', 'judges', judge, file)
const textOf = (judge: JavaJudge, file: string): string => readFileSync(sourceOf(judge, file), 'utf8')

/** What starts it. */
export function commandOf(home: string, judge: JavaJudge): readonly string[] {
  return ['java', '-cp', `${join(home, judge, 'classes')}:${join(home, judge, 'lib')}/*`, 'Judge']
}

export function versionInPom(judge: JavaJudge): string {
  return /<judge\.version>(.*)<\/judge\.version>/.exec(textOf(judge, 'pom.xml'))?.[1] ?? ''
}

/** @param relock  whether jars.sha256 is written instead of compared: after a change of pom.xml */
export async function prepareJava(home: string, judge: JavaJudge, relock: boolean): Promise<void> {
  const [lib, classes] = [join(home, judge, 'lib'), join(home, judge, 'classes')]
  const [pom, program] = [textOf(judge, 'pom.xml'), textOf(judge, 'Judge.java')]
  await madeFrom(lib, [pom], () =>
    run(`The libraries of ${judge}/pom.xml, from Maven Central`, [
      ...['mvn', '--batch-mode', '--quiet', '--file', sourceOf(judge, 'pom.xml'), COPY],
      ...[`-DoutputDirectory=${lib}`, '-DincludeScope=runtime'],
    ]),
  )
  if (relock) writeFileSync(sourceOf(judge, 'jars.sha256'), digestsOf(lib))
  else compareJars(judge, lib)
  await madeFrom(classes, [pom, program], () =>
    run(`The judge ${judge}`, ['javac', '-d', classes, '-cp', `${lib}/*`, sourceOf(judge, 'Judge.java')]),
  )
}

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

function compareJars(judge: JavaJudge, lib: string): void {
  const wanted = new Set(textOf(judge, 'jars.sha256').split('\n'))
  const present = new Set(digestsOf(lib).split('\n'))
  const lines = [
    ...[...wanted.difference(present)].map(line => `  missing or other: ${line}`),
    ...[...present.difference(wanted)].map(line => `  not listed: ${line}`),
  ]
  if (lines.length > 0) throw new SetupFailure([`${lib} is not what jars.sha256 lists:`, ...lines].join('\n'))
}
