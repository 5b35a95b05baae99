/**
 * The programs of other people that the tests and the independent judges need, and how they get onto the machine: by
 * the system's package manager where it may be used (Debian and Ubuntu, as root or with sudo that asks nothing),
 * otherwise by a message that names each missing one and the command that installs it.
 *
 * Also builds the one native module, against the headers that the Node package from npm ships, so that nothing
 * is fetched from anywhere but npm.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT, runNpm } from './launch.mjs'

interface Prerequisite {
  /** Any of these proves that it is there: a name on PATH, or a path with `*`. */
  readonly executables: readonly string[]
  /** Has to end well besides, where the executable alone proves nothing. */
  readonly probe?: readonly string[]
  readonly debianPackage: string
  readonly purpose: string
}

const JAPANESE_FONT: Prerequisite = {
  executables: ['/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf'],
  debianPackage: 'fonts-ipaexfont-gothic',
  purpose: 'a Japanese font for visible signatures; its licence allows to embed it',
}

const TEST_PREREQUISITES: readonly Prerequisite[] = [
  { executables: ['g++', 'c++'], debianPackage: 'g++', purpose: 'builds pkcs11js' },
  { executables: ['cc'], debianPackage: 'gcc', purpose: 'builds the PKCS#11 library that fails on demand' },
  { executables: ['make'], debianPackage: 'make', purpose: 'builds pkcs11js' },
  { executables: ['python3'], debianPackage: 'python3', purpose: 'builds pkcs11js (node-gyp)' },
  { executables: ['softhsm2-util'], debianPackage: 'softhsm2', purpose: 'the PKCS#11 module of the tests' },
  {
    executables: ['initdb', '/usr/lib/postgresql/*/bin/initdb', '/opt/homebrew/opt/postgresql*/bin/initdb'],
    debianPackage: 'postgresql',
    purpose: 'the production database',
  },
  {
    executables: ['chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium',
    purpose: 'the approval page with a virtual authenticator',
  },
  { executables: ['openssl'], debianPackage: 'openssl', purpose: 'second opinion on CMS and time-stamps' },
  { executables: ['pdfsig'], debianPackage: 'poppler-utils', purpose: 'second opinion on signed PDFs' },
  { executables: ['qpdf'], debianPackage: 'qpdf', purpose: 'second opinion on the structure of PDFs' },
  JAPANESE_FONT,
  { executables: ['xmllint'], debianPackage: 'libxml2-utils', purpose: 'second opinion on canonical XML' },
  { executables: ['xmlsec1'], debianPackage: 'xmlsec1', purpose: 'second opinion on signed XML' },
  { executables: ['curl'], debianPackage: 'curl', purpose: 'the commands of docs/integrate.md' },
  { executables: ['jq'], debianPackage: 'jq', purpose: 'the commands of docs/integrate.md' },
  { executables: ['certutil'], debianPackage: 'libnss3-tools', purpose: 'trust anchors for pdfsig' },
]

/** What the judges of `npm run interop` run on. */
export const INTEROP_PREREQUISITES: readonly Prerequisite[] = [
  { executables: ['mvn'], debianPackage: 'maven', purpose: 'brings the libraries of the judges in Java' },
  { executables: ['javac'], debianPackage: 'default-jdk-headless', purpose: 'runs EU DSS and digidoc4j' },
  {
    executables: ['python3'],
    probe: ['python3', '-c', 'import ensurepip, venv'],
    debianPackage: 'python3-venv',
    purpose: 'runs pyHanko',
  },
  { executables: ['qpdf'], debianPackage: 'qpdf', purpose: 'encrypts the PDF files that are signed' },
  JAPANESE_FONT,
]

/** Makes the machine ready for the tests. Returns what to tell the reader where that is not possible. */
export function prepareMachine(): string | undefined {
  return installMissing(TEST_PREREQUISITES) ?? buildNativeModule()
}

/** Installs what is not there. Returns what to tell the reader where that is not possible. */
export function installMissing(wanted: readonly Prerequisite[]): string | undefined {
  const before = missing(wanted)
  if (before.length > 0) installPackages(before)
  const still = missing(wanted)
  return still.length > 0 ? describeMissing(still) : undefined
}

/** @param folders where programs are looked for */
export function missing(
  wanted: readonly Prerequisite[] = TEST_PREREQUISITES,
  folders: readonly string[] = searchPath(),
): Prerequisite[] {
  return wanted.filter(
    ({ executables, probe }) => !executables.some(one => isThere(one, folders)) || !succeeds(probe),
  )
}

function succeeds(probe: readonly string[] | undefined): boolean {
  const [command = '', ...argv] = probe ?? []
  return probe === undefined || spawnSync(command, argv, { stdio: 'ignore' }).status === 0
}

function searchPath(): string[] {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
}

function isThere(executable: string, folders: readonly string[] = searchPath()): boolean {
  if (executable.includes('/')) return globSync(executable).length > 0
  return folders.some(folder => isExecutable(join(folder, executable)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `apt-get` in front of which `sudo` stands where it is needed; undefined where it may not be used at all. */
function aptGet(): readonly string[] | undefined {
  if (!isThere('apt-get')) return undefined
  if (process.getuid?.() === 0) return ['apt-get']
  const sudo = isThere('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
  return sudo ? ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND', 'apt-get'] : undefined
}

function installPackages(wanted: readonly Prerequisite[]): void {
  const apt = aptGet()
  if (apt === undefined) return
  const names = wanted.map(one => one.debianPackage)
  process.stderr.write(`Installing with apt-get: ${names.join(', ')} …\n`)
  run([...apt, 'update', '-q'])
  run([...apt, 'install', '-q', '-y', '--no-install-recommends', ...names])
}

function run([command = '', ...argv]: readonly string[]): void {
  spawnSync(command, argv, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** What a person reads who has to install them. */
export function describeMissing(wanted: readonly Prerequisite[]): string {
  const lines = wanted.map(
    ({ executables, debianPackage, purpose }) =>
      `  ${executables[0]}  (${purpose}; Debian package ${debianPackage})`,
  )
  const names = wanted.map(one => one.debianPackage).join(' ')
  return [
    'Programs are needed that are not on this machine and that could not be installed from here:',
    ...lines,
    `On Debian or Ubuntu: sudo apt-get install --no-install-recommends ${names}`,
  ].join('\n')
}

function buildNativeModule(): string | undefined {
  if (existsSync(join(ROOT, 'node_modules', 'pkcs11js', 'build', 'Release'))) return undefined
  const headers = join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`)
  const { status } = runNpm(
    ['rebuild', 'pkcs11js', '--loglevel=error'],
    existsSync(join(headers, 'include')) ? { npm_config_nodedir: headers } : {},
  )
  return status === 0 ? undefined : 'pkcs11js could not be built; the message of npm is above.'
}
