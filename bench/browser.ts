/**
 * PAdES-B-B of 20 MB by the library in a page of headless Chromium, beside the digest of the same file by WebCrypto there.
 *
 * The page loads the sources themselves, types stripped, by an import map: no bundler stands between what is measured and
 * what is in the repository. From the Blob that was chosen to the Blob that is saved.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeLargePdf } from '@natsuin/testing/pdf'
import { compared, type Figure, reference } from './figure.ts'
import { layDownKey } from './key-files.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MEGABYTES = 20
const LIMIT_MS = 120_000

const PAGE = `<!doctype html><script type="importmap">${JSON.stringify({
  imports: {
    '@natsuin/ades/': '/packages/ades/src/',
    '@natsuin/pki/': '/packages/pki/src/',
    '@noble/hashes/': '/node_modules/@noble/hashes/',
  },
})}</script><script type="module" src="/bench/browser/page.ts"></script>`

export async function browserFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-bench-'))
  try {
    tell(`PAdES-B-B of ${MEGABYTES} MB in headless Chromium`)
    writeLargePdf(join(folder, 'document.pdf'), MEGABYTES)
    layDownKey(folder)
    const answer = await answerOf(folder)
    if (answer.indication !== 'TOTAL-PASSED') throw new Error(`the page signed with ${answer.indication}`)
    const least = reference(`SHA-256 of ${MEGABYTES} MB by WebCrypto in Chromium`, answer.hash, 'ms')
    return [least, compared(`PAdES-B-B of ${MEGABYTES} MB in Chromium, Blob to Blob`, answer.sign, least)]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Answer {
  readonly indication: string
  /** Milliseconds. */
  readonly hash: number
  readonly sign: number
}

async function answerOf(folder: string): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const server = createServer((request, response) => {
    if (request.url === '/answer') void bodyOf(request).then(text => resolve(JSON.parse(text)))
    else serve(folder, request.url ?? '/', response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A listening server on TCP has an address object.
  const { port } = server.address() as AddressInfo
  const browser = startChromium(join(folder, 'profile'), `http://127.0.0.1:${port}/`)
  try {
    return await Promise.race([promise, rejectedAfter(LIMIT_MS)])
  } finally {
    browser.kill('SIGKILL')
    await once(browser, 'exit')
    server.closeAllConnections()
    server.close()
  }
}

function startChromium(profile: string, url: string) {
  // As root Chromium has no sandbox to offer.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const flags = ['--headless', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`]
  return spawn('chromium', [...flags, ...sandbox, url], { stdio: 'ignore' })
}

async function rejectedAfter(milliseconds: number): Promise<never> {
  await new Promise(resolve => setTimeout(resolve, milliseconds).unref())
  throw new Error('the page did not answer')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += piece
  return text
}

/** Files of the folder by their name, sources by their path; a folder of sources is its index. */
function serve(folder: string, path: string, response: ServerResponse): void {
  if (path === '/') return void response.setHeader('content-type', 'text/html').end(PAGE)
  const source = /^\/(?:packages|bench|node_modules)\//.test(path)
  const file = join(source ? ROOT : folder, path)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return void response.writeHead(404).end()
  if (found.isDirectory()) return void response.writeHead(302, { location: `${path}/index.ts` }).end()
  response.setHeader('content-type', source ? 'text/javascript' : 'application/octet-stream')
  response.end(file.endsWith('.ts') ? stripTypeScriptTypes(readFileSync(file, 'utf8')) : readFileSync(file))
}
