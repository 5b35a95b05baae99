/**
 * `npm run demo`: a whole remote signing service on this machine, and one real signature under sole control.
 *
 * Progress goes to standard error, the result to standard output.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PdfRefusal } from '@natsuin/ades/pdf'
import {
  enrolSigner,
  type KnownDeployment,
  loadDevice,
  openBrowser,
  type Signer,
  saveDevice,
} from '@natsuin/testing/deployment'
import { performAct } from './act.ts'
import { type Arguments, HELP, readArguments } from './arguments.ts'
import { CLIENT } from './client.ts'
import { digestOf, judge } from './judge.ts'
import { withLock } from './lock.ts'
import { report } from './report.ts'
import type { Result, StepName } from './result.ts'
import { rootOf } from './root.ts'
import { CannotStart, callbackOf, openService, type Service } from './service.ts'
import { openState, type State } from './state.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SAMPLE = fileURLToPath(new URL('agreement.pdf', import.meta.url))
const SIGNER = {
  commonName: '山田 花子',
  givenName: '花子',
  surname: '山田',
  countryName: 'JP',
  serialNumber: 'DEMO-0001',
}

const LEVEL = 'level 1: software module; one OS user is not a security boundary'
const DEVICE = 'demonstration-signer'

/** Stores of another version are not read by this one. */
const FAILED =
  'The demonstration failed; see above. If another version made what is here, --fresh begins anew.'

const TELLING: Readonly<Record<StepName, string>> = {
  discover: 'The application discovers the service (info)',
  'log-in': 'It is authorised for the service (code + PKCE); the signer logs in with a passkey',
  credential: 'It finds the credential and its certificate (credentials/list, credentials/info)',
  prepare: 'It prepares the PDF; only digests will travel',
  push: 'It pushes the authorization request (PAR) with digest, label and signed attributes',
  approve: 'The signer reads and approves on the approval origin, with her passkey',
  sign: 'The SAM checks the approval, unwraps the key, signs once (signatures/signHash)',
  'time-stamp': 'The application embeds the signature and a time-stamp (RFC 3161)',
  evidence: 'It fetches the evidence',
  verify: 'The judges look at it',
}

process.exitCode = await main()

async function main(): Promise<number> {
  const given = readGiven()
  if (typeof given === 'number') return given
  try {
    const problem = problemWith(given.file)
    return problem === undefined ? await demonstrate(given) : fail(problem, given)
  } catch (error) {
    if (error instanceof CannotStart)
      return fail({ error: 'cannot-start', reason: error.code, sentence: error.message }, given)
    console.error(error)
    const reason = error instanceof Error ? error.message : String(error)
    return fail({ error: 'failed', reason, sentence: FAILED }, given)
  }
}

async function demonstrate(given: Arguments): Promise<number> {
  const begun = performance.now()
  const state = openState(given.state ?? join(ROOT, '.natsuin', 'demo'))
  const { port: firstPort, fresh, exit } = given
  const service = await openService(state, { firstPort, fresh, shared: !exit, tell })
  const stopped = stopOnSignal(service)
  try {
    return await signAndShow(given, state, service, begun, stopped)
  } finally {
    await service.own?.stop()
  }
}

function readGiven(): Arguments | number {
  try {
    const given = readArguments(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd(), SAMPLE)
    if (given !== 'help') return given
    console.log(HELP)
    return 0
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${HELP}`)
    return 1
  }
}

interface Problem {
  readonly error: 'file-unreadable' | 'cannot-start' | 'failed'
  readonly reason: string
  readonly sentence: string
}

/** What is wrong with the file before anything is started for it. */
function problemWith(file: string): Problem | undefined {
  const status = statSync(file, { throwIfNoEntry: false })
  const unreadable = (reason: string, sentence: string) =>
    ({ error: 'file-unreadable', reason, sentence }) as const
  if (status === undefined) return unreadable('not-found', `There is no file ${file}.`)
  if (!status.isFile()) return unreadable('not-a-file', `${file} is not a file.`)
  try {
    accessSync(file, constants.R_OK)
    return undefined
  } catch {
    return unreadable('not-permitted', `${file} may not be read.`)
  }
}

/** Says it to a person on standard error, or to a script as the last line of standard output. */
function fail({ error, reason, sentence }: Problem, { json }: Arguments): number {
  console.error(sentence)
  if (json) console.log(JSON.stringify({ error, reason }))
  return 1
}

async function signAndShow(
  given: Arguments,
  state: State,
  service: Service,
  begun: number,
  stopped: Promise<void>,
) {
  const signed = await withLock(state.signerLock, () => sign(given, state, service, begun))
  if (signed instanceof PdfRefusal) return refuse(signed, given)
  show(signed, given, service)
  if (given.browser) openPage(service.url)
  if (!given.exit && service.own !== undefined) await stopped
  return signed.good ? 0 : 1
}

async function sign(
  given: Arguments,
  state: State,
  { known, url }: Service,
  begun: number,
): Promise<Result | PdfRefusal> {
  const signer = await demonstrationSigner(state, known)
  const paths = resultPaths(given.file, state)
  const redirectUri = callbackOf(url)
  try {
    const acted = await performAct({
      known,
      signer,
      redirectUri,
      clientId: CLIENT.id,
      file: given.file,
      ...paths,
      onStep: name => tell(TELLING[name]),
    })
    tell(TELLING.verify)
    const root = rootOf(known)
    const judged = await judge(paths.signedPdf, paths.evidence, known, root)
    const elapsedMs = Math.round(performance.now() - begun)
    const digests = { samKeyDigest: known.samKeyDigest, rootDigest: digestOf(root) }
    const result = {
      ...paths,
      ...judged,
      ...acted,
      ...digests,
      level: LEVEL,
      signer: signer.commonName,
      elapsedMs,
    }
    state.result.write(result)
    return result
  } catch (error) {
    if (error instanceof PdfRefusal) return error
    throw error
  } finally {
    saveDevice(known.directory, DEVICE, signer.device)
  }
}

async function demonstrationSigner(state: State, known: KnownDeployment): Promise<Signer> {
  const identity = state.signer.read()
  if (identity !== undefined)
    return { ...identity, device: loadDevice(known.directory, DEVICE), browser: openBrowser() }
  tell(`Enrolling ${SIGNER.commonName}: grant, passkey, key, attestation, certificate`)
  const { device, browser, ...enrolled } = await enrolSigner(known, SIGNER)
  saveDevice(known.directory, DEVICE, device)
  state.signer.write(enrolled)
  return { ...enrolled, device, browser }
}

function resultPaths(file: string, state: State) {
  const name = basename(file).replace(/\.pdf$/i, '')
  return {
    signedPdf: state.path('signed', `${name}-signed.pdf`),
    evidence: state.path('signed', `${name}-evidence.json`),
  }
}

function show(result: Result, given: Arguments, { url, own }: Service): void {
  if (!given.json) {
    console.log(report(result, url, ROOT))
    if (own !== undefined && !given.exit) console.log('  The service is running. Ctrl-C stops it.\n')
    return
  }
  const { signedPdf, evidence, verdict, judges, credentialID, level, elapsedMs } = result
  console.log(JSON.stringify({ signedPdf, evidence, verdict, judges, credentialID, level, elapsedMs, url }))
}

function refuse(refusal: PdfRefusal, { json }: Arguments): number {
  const answer = { error: 'document-refused', reason: refusal.code }
  console.log(json ? JSON.stringify(answer) : `This PDF cannot be signed. ${refusal.message}`)
  return 2
}

function stopOnSignal({ own }: Service): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (own !== undefined)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
  return promise
}

function openPage(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true })
  child.once('error', () => tell(`Open ${url} in a browser`))
  child.unref()
}

function tell(what: string): void {
  console.error(`  · ${what}`)
}
