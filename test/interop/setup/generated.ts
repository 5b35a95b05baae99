/** The client that OpenAPI Generator makes of our documents: generated, and compiled with the file of ours that calls it. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Edition, editions } from '@natsuin/protocol/csc'
import { compilation, type JavaProgram, placesOf, prepareLibraries } from './java.ts'
import { run } from './run.ts'
import { madeFrom } from './stamp.ts'

/** As committed: a test compares them with what the server says. */
const DOCUMENTS = join(import.meta.dirname, '..', '..', '..', 'docs', 'openapi')

export const documentOf = (edition: Edition): string =>
  readFileSync(join(DOCUMENTS, `csc-${edition}.json`), 'utf8')

const SETTINGS = 'hideGenerationTimestamp=true,openApiNullable=false,useJakartaEe=true'

/** @param relock  whether jars.sha256 is written instead of compared */
export async function prepareGenerated(home: string, program: JavaProgram, relock: boolean): Promise<void> {
  await prepareLibraries(home, program.folder, relock)
  const { lib, classes } = placesOf(home, program)
  const ours = ['pom.xml', program.source].map(file => readFileSync(join(program.folder, file), 'utf8'))
  await madeFrom(classes, [...ours, ...editions.map(documentOf)], async () => {
    for (const edition of editions) await generate(edition, lib, join(classes, edition))
    const sources = [
      ...globSync(join(classes, '*', 'src', '**', '*.java')),
      join(program.folder, program.source),
    ]
    await run('The generated clients', [...compilation(lib, classes, sources), '-parameters'])
  })
}

async function generate(edition: Edition, lib: string, folder: string): Promise<void> {
  const own = `natsuin.${edition}`
  const packages = `invokerPackage=${own},apiPackage=${own}.api,modelPackage=${own}.model`
  await run(`A client of ${edition}, from its OpenAPI document`, [
    ...['java', '-cp', `${lib}/*`, 'org.openapitools.codegen.OpenAPIGenerator', 'generate'],
    ...['-i', join(DOCUMENTS, `csc-${edition}.json`), '-g', 'java', '--library', 'native', '-o', folder],
    ...['--additional-properties', `${SETTINGS},${packages}`],
    ...['--global-property', 'apis,models,supportingFiles,apiTests=false,modelTests=false'],
  ])
}
