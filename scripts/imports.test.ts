import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { importsOf, type Manifest, parsePicture, RULES, type World } from './imports.ts'
import { ROOT } from './launch.mjs'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const list = (...patterns: string[]) =>
  globSync(patterns, {
    cwd: ROOT,
    exclude: path => /(?:^|\/)(?:node_modules|dist|vectors)(?:\/|$)/.test(path),
  })

/** The shape of our own package.json files is ours to trust. */
const manifest = (path: string): Manifest => JSON.parse(read(path))

function thisRepository(): World {
  const parts = list('packages/*/package.json', '{demo,bench}/package.json')
  const code = '{ts,tsx,mts,mjs}'
  const sources = list(
    `packages/*/{src,bin}/**/*.${code}`,
    `packages/*/*.${code}`,
    `{faces,demo,examples,bench,test,scripts}/**/*.${code}`,
  )
  return {
    picture: parsePicture(read('docs/architecture.md')),
    manifests: new Map(parts.map(path => [path.split('/').at(-2) ?? '', manifest(path)])),
    root: manifest('package.json'),
    files: sources.map(path => ({ path, text: read(path) })),
    assets: new Set(
      list('{packages/*/src,faces,demo,bench,test}/**/*.{css,svg,html,json,pdf}', 'packages/*/package.json'),
    ),
  }
}

describe('the imports of this repository', () => {
  const world = thisRepository()

  it('are read from files of every package', () => {
    const seen = new Set(world.files.map(file => file.path.split('/')[1]))
    assert.ok(['pki', 'protocol', 'crypto-module'].every(part => seen.has(part)))
    assert.ok(world.files.flatMap(file => importsOf(file.text)).length > world.files.length)
  })

  for (const [sentence, rule] of Object.entries(RULES)) {
    it(`${sentence}`, () => assert.deepEqual(rule(world), []))
  }
})

describe('the check of imports', () => {
  // Put together here, so that the check does not read these cases as imports of this file.
  const LINE = 'import'
  const dynamic = (argument: string, how = LINE) => `  const x = await ${how}(${argument})`
  const importing = (...names: string[]) => names.map(name => `${LINE} { x } from '${name}'`).join('\n')
  const published = (target: string) => ({ '.': { 'natsuin-source': target } })

  /** Three packages in good order, which each case changes in one place. */
  const sound = (): World => ({
    picture: parsePicture('```imports\nserver → pki, faces\npki, faces → nothing\ncrypto-module → pki\n```'),
    manifests: new Map<string, Manifest>([
      ['pki', { name: '@natsuin/pki', exports: { './*': { 'natsuin-source': './src/*/index.ts' } } }],
      ['crypto-module', { name: '@natsuin/crypto-module', exports: published('./src/index.ts') }],
      ['server', { name: '@natsuin/server', dependencies: { '@natsuin/pki': '1', fastify: '1' } }],
    ]),
    root: { name: 'natsuin', devDependencies: { 'fast-check': '1' } },
    files: [
      { path: 'packages/pki/src/asn1/index.ts', text: "export { read } from './read.ts'" },
      { path: 'packages/pki/src/asn1/read.ts', text: 'export const read = 1' },
      { path: 'packages/crypto-module/src/index.ts', text: 'export const key = 1' },
      { path: 'packages/server/src/main.ts', text: importing('@natsuin/pki/asn1', 'fastify', 'node:fs') },
      { path: 'packages/server/src/page.ts', text: importing('../../../faces/frame.ts') },
      { path: 'faces/frame.ts', text: importing('fastify') },
      { path: 'packages/server/src/main.test.ts', text: importing('fast-check', './main.ts') },
    ],
    assets: new Set(),
  })

  const withFile = (path: string, text: string): World => {
    const { files, ...rest } = sound()
    return { ...rest, files: [...files.filter(file => file.path !== path), { path, text }] }
  }

  const withServer = (changed: Partial<Manifest>): World => {
    const world = sound()
    const server: Manifest = { name: '@natsuin/server', ...changed }
    return { ...world, manifests: new Map([...world.manifests, ['server', server]]) }
  }

  const broken = (world: World) =>
    Object.entries(RULES)
      .filter(([, rule]) => rule(world).length > 0)
      .map(([sentence]) => sentence)

  const PLANTED: readonly (readonly [string, World])[] = [
    [
      'the picture shows every package',
      { ...sound(), picture: parsePicture('```imports\nserver → pki\npki → nothing\n```') },
    ],
    ['imports follow the picture', withFile('packages/pki/src/x.ts', importing('@natsuin/crypto-module'))],
    [
      'imports across packages reach only published entry points',
      withFile('packages/server/src/x.ts', importing('@natsuin/pki/asn1/read')),
    ],
    [
      'relative imports stay inside their package',
      withFile('packages/server/src/x.ts', importing('../../pki/src/asn1/read.ts')),
    ],
    [
      'relative imports name files that exist',
      withFile('packages/server/src/x.ts', importing('./absent.ts')),
    ],
    [
      'every import is declared in the manifest of its package',
      withFile('packages/server/src/x.ts', importing('koa')),
    ],
    [
      'every import is declared in the manifest of its package',
      withFile('packages/server/src/x.ts', importing('fast-check')),
    ],
    [
      'every import is declared in the manifest of its package',
      withFile('packages/server/src/x.ts', dynamic("'koa'")),
    ],
    [
      'every declared dependency is imported',
      withServer({ dependencies: { '@natsuin/pki': '1', fastify: '1', unused: '1' } }),
    ],
    [
      'packages that run in browsers import nothing of Node outside their node folders',
      withFile('packages/pki/src/x.ts', importing('node:crypto')),
    ],
    ['every import is declared in the manifest of its package', withFile('faces/frame.ts', importing('koa'))],
    [
      'relative imports stay inside their package',
      withFile('packages/pki/src/x.ts', importing('../../../faces/frame.ts')),
    ],
    [
      'nothing but tests imports what is for tests',
      withFile('packages/server/src/x.ts', importing('./main.test.ts')),
    ],
    ['imports name their module literally', withFile('packages/server/src/x.ts', dynamic('name'))],
    [
      'no files import each other in a circle',
      withFile('packages/pki/src/asn1/read.ts', importing('./index.ts')),
    ],
    [
      'the server cannot reach a signing key',
      withServer({
        dependencies: { '@natsuin/pki': '1', fastify: '1' },
        optionalDependencies: { pkcs11js: '1' },
      }),
    ],
    [
      'the verifier of PDFs shares no code with what signs them',
      withFile('packages/ades/src/validation/x.ts', importing('../pdf/parser.ts')),
    ],
  ]

  it('finds nothing where all is in order', () => assert.deepEqual(broken(sound()), []))

  for (const [sentence, world] of PLANTED) {
    it(`finds a planted violation of "${sentence}"`, () => assert.ok(broken(world).includes(sentence)))
  }

  it('has a planted violation for every rule', () => {
    assert.deepEqual(new Set(PLANTED.map(([sentence]) => sentence)), new Set(Object.keys(RULES)))
  })

  it('allows modules of Node in a folder named node and in tests', () => {
    assert.deepEqual(broken(withFile('packages/pki/src/node/index.ts', importing('node:crypto'))), [])
    assert.deepEqual(broken(withFile('packages/pki/src/x.test.ts', importing('node:crypto'))), [])
  })

  it('lets the verifier of PDFs take types from what signs', () => {
    const text = `${LINE} type { Source } from '../pdf/source.ts'`
    const world = withFile('packages/ades/src/validation/x.ts', text)
    assert.ok(!broken(world).includes('the verifier of PDFs shares no code with what signs them'))
  })

  it('reads imports over several lines, of types, of side effects, dynamic and required, and none in comments', () => {
    const text = [
      `${LINE} {`,
      '  a,',
      "} from 'one'",
      `${LINE} type { B } from 'two'`,
      `${LINE} 'three'`,
      "export * from 'four'",
      dynamic("'five'"),
      dynamic("'six'", 'require'),
      `// ${LINE} x from 'seven'`,
    ].join('\n')
    assert.deepEqual(importsOf(text).sort(), ['five', 'four', 'one', 'six', 'three', 'two'])
  })

  it('refuses a picture that cannot be read', () => {
    assert.throws(() => parsePicture('# no block'), /no ```imports block/)
    assert.throws(() => parsePicture('```imports\nserver -> pki\n```'), /not a row of the picture/)
  })
})
