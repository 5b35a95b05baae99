/**
 * Starts one of the repository's commands from a bare clone: finds the root, installs what is missing, and
 * runs the command's TypeScript under the Node 24 that npm brings.
 *
 * Plain JavaScript with nothing but Node's own modules, because it runs before anything is installed and
 * under whatever Node the machine has (20 or newer). Packages are installed without their install scripts:
 * the one native module (pkcs11js) is built by the tests that need it and is never needed by the demo.
 */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir, constants as system } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const RUNTIME_MAJOR = 24
const CONDITION = '--conditions=natsuin-source'

/** The repository's root folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Installs if needed, then runs `entry` (a path from the root) with this process's arguments. Exit code and
 * fatal signal of the command become this process's own. With `first`, that runs before, and has to succeed.
 */
export function launch(entry, { first } = {}) {
  if (!installed()) install()
  if (first !== undefined) runFirst(first)
  const child = spawn(runtime(), [CONDITION, join(ROOT, entry), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter) },
  })
  forwardSignals(child)
}

/** Whether node_modules holds what package-lock.json asks for, as npm's own record of its last install says. */
export function installed(root = ROOT) {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const present = packagesOf(record)
  const mayBeAbsent = skippable(wanted)
  return Object.entries(wanted)
    .filter(([path]) => path.startsWith('node_modules/'))
    .every(([path, entry]) =>
      path in present ? sameRelease(present[path], entry) : mayBeAbsent(path, entry),
    )
}

function runFirst(entry) {
  const { status } = spawnSync(runtime(), [CONDITION, join(ROOT, entry)], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages
}

function sameRelease(a, b) {
  return a.version === b.version && a.integrity === b.integrity
}

/**
 * npm leaves out optional packages that are made for other systems, and what only those need. An optional
 * package that one of ours names itself, for every system, is absent only where an earlier install dropped it
 * because its build failed; that is mended by installing again.
 */
function skippable(wanted) {
  const ours = Object.entries(wanted).filter(([path]) => !path.startsWith('node_modules/'))
  const named = ours.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies))
  return (path, { optional, os, cpu }) =>
    optional === true &&
    (os !== undefined || cpu !== undefined || !named.includes(path.slice('node_modules/'.length)))
}

function install() {
  say('Installing the packages of package-lock.json …')
  const argv = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--prefer-offline',
    '--loglevel=error',
  ]
  const { status, error } = runNpm(argv)
  if (error) fail(`npm could not be started (${error.message}). Natsuin needs npm, which comes with Node.`)
  if (status !== 0) fail(`npm ${argv.join(' ')} failed; its message is above.`)
}

/**
 * Runs npm in the root without stdin; what it prints goes to stderr, because stdout belongs to the command.
 * `environment` is added to the process's own.
 */
export function runNpm(argv, environment = {}) {
  const cli = process.env.npm_execpath ?? ''
  const [command, ...first] = basename(cli) === 'npm-cli.js' ? [process.execPath, cli] : ['npm']
  return spawnSync(command, [...first, ...argv], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...homeSetting(), ...environment },
    shell: command === 'npm' && process.platform === 'win32',
  })
}

/** npm and node-gyp write into the home folder; where there is none, or it cannot be written, they get another. */
function homeSetting() {
  if (process.env.HOME !== '' && isWritable(homedir())) return {}
  const home = join(ROOT, '.natsuin', 'home')
  mkdirSync(home, { recursive: true })
  return { HOME: home }
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The Node to run under: the one npm brought if it starts on this machine, else this one if it is new enough. */
function runtime() {
  const candidates = [join(ROOT, 'node_modules', '.bin', 'node'), process.execPath]
  const found = candidates.find(node => existsSync(node) && majorOf(node) >= RUNTIME_MAJOR)
  return found ?? fail(noRuntime())
}

function majorOf(node) {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return Number(/^v(\d+)\./.exec(stdout ?? '')?.[1] ?? 0)
}

function noRuntime() {
  const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const brought = Object.keys(optionalDependencies).map(name => name.replace('node-', ''))
  return (
    `Natsuin runs on Node ${RUNTIME_MAJOR} or newer. npm brings it for ${brought.join(', ')}; this machine is ` +
    `${process.platform}-${process.arch} with Node ${process.version}, and no newer one starts here. ` +
    `Install Node ${RUNTIME_MAJOR} and run the command again.`
  )
}

/**
 * From a terminal, Ctrl-C reaches the command by itself (same process group), so that it is passed on only
 * where there is no terminal; otherwise the command would see one Ctrl-C as two. The scripts of package.json begin
 * with `exec`, so that what npm alone is told (by a supervisor, say) comes here and does not end with its shell.
 */
function forwardSignals(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', error => fail(`The command could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exit(signal ? 128 + system.signals[signal] : code)
  })
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

function fail(line) {
  say(line)
  process.exit(1)
}
