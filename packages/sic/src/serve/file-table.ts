/**
 * Everything that `sic` can answer with, read once at start: exact paths and the bytes for each.
 *
 * A request is looked up and nothing else is done with it, so no request can reach the file system.
 */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Config } from '../config.ts'

export interface ServedFile {
  readonly type: string
  readonly bytes: Uint8Array
  /** Absent where compressing gains nothing. */
  readonly gzipped?: Uint8Array
}

export type FileTable = ReadonlyMap<string, ServedFile>

/** Media types by extension; a file of another kind does not belong in a bundle. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.bcmap': 'application/octet-stream',
  '.pfb': 'application/octet-stream',
  '.ttf': 'font/ttf',
}

/** @throws Error when the folder does not hold a built page */
export async function readFileTable({ bundle, deployment }: Config): Promise<FileTable> {
  const files = new Map<string, ServedFile>()
  for (const path of await filesIn(bundle)) {
    const type = TYPES[extname(path)]
    if (type !== undefined) files.set(urlPath(bundle, path), served(type, await readFile(path)))
  }
  const page = files.get('/index.html')
  if (page === undefined)
    throw new Error('the bundle has no index.html; build it with node packages/sic/build.ts')
  files.delete('/index.html')
  files.set('/', page)
  files.set('/deployment.json', served('application/json', Buffer.from(JSON.stringify(deployment))))
  return files
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => join(entry.parentPath, entry.name))
}

function urlPath(folder: string, file: string): string {
  return `/${relative(folder, file).split(sep).join('/')}`
}

function served(type: string, bytes: Uint8Array): ServedFile {
  const gzipped = gzipSync(bytes)
  return gzipped.length < 0.9 * bytes.length ? { type, bytes, gzipped } : { type, bytes }
}
