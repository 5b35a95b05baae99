/** What stands in `deploy/`, as far as it can be tried: PostgreSQL's judgement of the roles, systemd's of the units. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type Deployment,
  enrolSigner,
  foundDeployment,
  freePorts,
  startDeployment,
  testPlan,
} from '@natsuin/testing/deployment'
import { type Postgres, startPostgres } from '@natsuin/testing/postgres'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { signPdf } from './sign-pdf.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const DOCUMENT = new Uint8Array(readFileSync(at('demo/agreement.pdf')))

describe('the roles of PostgreSQL (deploy/postgres)', () => {
  const folder = temporaryFolder()
  let postgres: Postgres
  let deployment: Deployment | undefined

  const urlOf = (role: string, database: string) =>
    postgres.url.replace('//natsuin@', `//${role}@`).replace('/postgres?', `/${database}?`)
  const psql = (url: string, ...argv: readonly string[]) =>
    spawnSync('psql', ['--no-psqlrc', '--set=ON_ERROR_STOP=1', url, ...argv], { encoding: 'utf8' })
  const run = (url: string, file: string) => {
    const { status, stderr } = psql(url, `--file=${at(file)}`)
    assert.equal(status, 0, stderr)
  }
  const asSam = (statement: string) => psql(urlOf('natsuin_sam', 'natsuin_sam'), `--command=${statement}`)

  before(async () => {
    postgres = await startPostgres({ fsync: false })
    run(postgres.url, 'deploy/postgres/roles.sql')
    const server = urlOf('natsuin_server', 'natsuin_server')
    const founder = urlOf('natsuin_sam_founder', 'natsuin_sam')
    await foundDeployment(folder, testPlan(await freePorts(), { store: { sam: founder, server } }))
    run(founder, 'deploy/postgres/sam-rights.sql')
    const store = { sam: urlOf('natsuin_sam', 'natsuin_sam'), server }
    deployment = await startDeployment(folder, { changes: { store } })
  })

  after(async () => {
    await deployment?.stop()
    await postgres?.stop()
  })

  it('are all that a running deployment needs', async () => {
    assert.ok(deployment)
    const signer = await enrolSigner(deployment, { countryName: 'JP', commonName: '山田 花子' })
    assert.ok((await signPdf(deployment, signer, DOCUMENT)).signature.length > 60)
  })

  it('let the running SAM append to its logs, and neither change nor cut them', () => {
    assert.equal(asSam('SELECT count(*) FROM natsuin_sam.leaves').status, 0)
    for (const table of ['leaves', 'subtrees']) {
      for (const statement of [
        `UPDATE natsuin_sam.${table} SET hash = ''`,
        `DELETE FROM natsuin_sam.${table}`,
        `TRUNCATE natsuin_sam.${table}`,
        `DROP TABLE natsuin_sam.${table}`,
      ]) {
        const { status, stderr } = asSam(statement)
        assert.notEqual(status, 0, statement)
        assert.match(stderr, /permission denied|must be owner/, statement)
      }
    }
    assert.match(asSam('DELETE FROM natsuin_sam.records').stderr, /permission denied/)
  })

  it('keep the server out of the SAM’s database, and the SAM out of the server’s', () => {
    for (const [role, database] of [
      ['natsuin_server', 'natsuin_sam'],
      ['natsuin_sam', 'natsuin_server'],
    ] as const) {
      assert.match(psql(urlOf(role, database), '--command=SELECT 1').stderr, /permission denied for database/)
    }
  })
})

const HAS_SYSTEMD = spawnSync('systemd-analyze', ['--version']).status === 0
/** Of 100; a service without any confinement has 96. */
const EXPOSED_AT_MOST = { sam: 15, authorities: 25, server: 25, sic: 25, 'sam-metrics': 40 } as const

describe('the units of systemd (deploy/systemd)', {
  skip: HAS_SYSTEMD ? false : 'needs systemd-analyze',
}, () => {
  const unitOf = (name: string) => at(`deploy/systemd/natsuin-${name}.service`)

  for (const [name, threshold] of Object.entries(EXPOSED_AT_MOST)) {
    it(`natsuin-${name} is understood, and exposed no more than ${threshold} in a hundred`, () => {
      const { stdout, stderr, status } = spawnSync(
        'systemd-analyze',
        ['security', '--offline=true', `--threshold=${threshold}`, unitOf(name)],
        { encoding: 'utf8' },
      )
      assert.equal(status, 0, `${stdout.slice(-400)}${stderr}`)
      const verified = spawnSync('systemd-analyze', ['verify', unitOf(name)], { encoding: 'utf8' })
      const complaints = verified.stderr
        .split('\n')
        .filter(line => line.includes('natsuin-') && !/is not executable|not found/.test(line))
      assert.deepEqual(complaints, [])
    })
  }

  it('give each process a user of its own, no core dump, no privilege, and the SAM no network', () => {
    for (const name of ['sam', 'authorities', 'server', 'sic']) {
      const unit = readFileSync(unitOf(name), 'utf8')
      const has = (line: string) => assert.ok(unit.includes(`\n${line}\n`), `${name}: ${line}`)
      for (const line of [
        `User=natsuin-${name}`,
        'LimitCORE=0',
        'NoNewPrivileges=yes',
        'ProtectSystem=strict',
      ])
        has(line)
      for (const line of ['PrivateTmp=yes', 'CapabilityBoundingSet=']) has(line)
      if (name === 'sam')
        for (const line of ['PrivateNetwork=yes', 'RestrictAddressFamilies=AF_UNIX']) has(line)
      assert.match(unit, /--disable-sigusr1/)
    }
  })

  it('start programs that there are', () => {
    for (const unit of globSync(at('deploy/systemd/natsuin-*.service'))) {
      for (const [, path = ''] of readFileSync(unit, 'utf8').matchAll(/(?:\s|=)\/opt\/natsuin\/(\S+)/g)) {
        assert.ok(existsSync(at(path)), `${basename(unit)}: ${path}`)
      }
    }
  })
})

describe('the image (deploy/container)', () => {
  const read = (name: string) => readFileSync(at(join('deploy/container', name)), 'utf8')

  it('copies and runs what there is, and ends as nobody', () => {
    const file = read('Containerfile')
    for (const [, path = ''] of file.matchAll(/(packages\/[\w-]+\/build\.ts|deploy\/\S+\.sh)/g)) {
      assert.ok(existsSync(at(path)), path)
    }
    const instructions = file
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter(line => /^[A-Z]/.test(line))
    const known = /^(FROM|RUN|WORKDIR|COPY|USER|ENTRYPOINT) \S/
    for (const instruction of instructions) assert.match(instruction, known)
    assert.equal(
      instructions.findLast(line => line.startsWith('USER')),
      'USER 65534:65534',
    )
    assert.equal(spawnSync('sh', ['-n', at('deploy/container/entrypoint.sh')]).status, 0)
  })

  it('gives the SAM no network and each process its own user, as in the Containerfile', () => {
    const compose = read('compose.yaml')
    const users = [...read('Containerfile').matchAll(/--uid (\d+) .*natsuin-(\w+)/g)]
    assert.equal(users.length, 4)
    for (const [, uid, name] of users) {
      assert.match(compose, new RegExp(`\\n  ${name}:\\n(?:    .*\\n)*?    user: "${uid}:${uid}"`))
    }
    assert.match(compose, /\n {2}sam:\n(?: {4}.*\n)*? {4}network_mode: none/)
  })
})
