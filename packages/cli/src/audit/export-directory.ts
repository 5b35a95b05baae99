/**
 * A directory with the logs of a deployment, as `natsuin audit export` writes it and `natsuin audit verify` reads it
 * (docs/audit.md): `sam-key`, and for each log, in a folder of its name, `checkpoint`, `leaves.jsonl` with a leaf a line,
 * and `blocks` with the root of each complete block of 256 leaves. An archive has the leaves in several files, whose names are in
 * their order, and no `blocks`.
 */
import { createReadStream, createWriteStream, existsSync, globSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ExportedLog } from '@natsuin/evidence'
import { fromBase64, fromBase64url, toBase64, toBase64url } from '@natsuin/pki/encoding'
import { type LogName, logName } from '@natsuin/protocol/log'
import { ShapeError } from '@natsuin/protocol/shape'
import { reading, UsageError } from '../command.ts'

const SAM_KEY = 'sam-key'
const CHECKPOINT = 'checkpoint'
const LEAVES = 'leaves.jsonl'
const BLOCKS = 'blocks'

export interface Block {
  readonly leaves: readonly Uint8Array[]
  /** Once it is complete. */
  readonly root?: Uint8Array | undefined
}

/** @throws UsageError when something is there already */
export async function createExport(directory: string, samKey: Uint8Array): Promise<void> {
  if (existsSync(directory) && (await readdir(directory)).length > 0)
    throw new UsageError(`${directory} is not empty.`)
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, SAM_KEY), `${toBase64url(samKey)}\n`)
}

export async function writeLog(
  directory: string,
  { log, checkpoint }: { readonly log: LogName; readonly checkpoint: string },
  blocks: AsyncIterable<Block>,
): Promise<void> {
  const folder = join(directory, log)
  await mkdir(folder, { recursive: true })
  const roots: string[] = []
  await pipeline(linesOf(blocks, roots), createWriteStream(join(folder, LEAVES)))
  await writeFile(join(folder, BLOCKS), roots.join(''))
  // Last: a folder without it was not finished.
  await writeFile(join(folder, CHECKPOINT), checkpoint)
}

async function* linesOf(blocks: AsyncIterable<Block>, roots: string[]): AsyncGenerator<Uint8Array> {
  for await (const { leaves, root } of blocks) {
    if (root !== undefined) roots.push(`${toBase64(root)}\n`)
    yield Buffer.concat(leaves.flatMap(leaf => [leaf, LINE_FEED]))
  }
}

export interface Export {
  /** DER SubjectPublicKeyInfo. */
  readonly samKey: Uint8Array
  readonly logs: readonly ExportedLog[]
}

/** @throws UsageError when it is no export */
export async function openExport(directory: string): Promise<Export> {
  const file = join(directory, SAM_KEY)
  const samKey = fromBase64url((await reading(file, () => readFile(file, 'utf8'))).trim())
  if (samKey === undefined) throw new UsageError(`${file} holds no key.`)
  const names = globSync(`**/${CHECKPOINT}`, { cwd: directory }).map(path => dirname(path))
  return { samKey, logs: await Promise.all(names.toSorted().map(name => openLog(directory, name))) }
}

async function openLog(directory: string, name: string): Promise<ExportedLog> {
  const folder = join(directory, name)
  const file = join(folder, CHECKPOINT)
  const checkpoint = await reading(file, () => readFile(file, 'utf8'))
  const blocks = existsSync(join(folder, BLOCKS)) ? await readFile(join(folder, BLOCKS), 'utf8') : undefined
  const pieces = globSync('*.jsonl', { cwd: folder }).toSorted()
  return {
    name: nameOf(name),
    checkpoint,
    leaves: leavesInAll(pieces.map(piece => join(folder, piece))),
    ...(blocks !== undefined && { blocks: blocks.split('\n').slice(0, -1).map(rootIn) }),
  }
}

function nameOf(folder: string): LogName {
  try {
    return logName(folder)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new UsageError(`${folder} is no name of a log.`)
  }
}

/** What is no root says nothing, as if it were not there. */
const rootIn = (line: string): Uint8Array => fromBase64(line) ?? new Uint8Array()

const LINE_FEED = Uint8Array.of(0x0a)

async function* leavesInAll(files: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const file of files) yield* leavesIn(createReadStream(file))
}

/** The lines, byte by byte as they are: a leaf's hash is that of its bytes. */
export async function* leavesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a)) {
      yield new Uint8Array(bytes.subarray(0, end))
      bytes = bytes.subarray(end + 1)
    }
    rest = bytes
  }
  if (rest.length > 0) yield new Uint8Array(rest)
}
