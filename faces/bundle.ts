/**
 * Builds the static bundle of a package with pages, and only when something it is made of has changed.
 *
 * The bundle is built beside its place and moved there, so that a process that starts meanwhile reads either
 * the old bundle or the new one, and two builds at once do no harm.
 */
import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'vite'

export interface BundlePlan {
  /** Folder with the HTML files. */
  readonly pages: string
  /** Names of the HTML files in it. */
  readonly entries: readonly string[]
  /** Where the bundle goes. */
  readonly target: string
  /** Files and folders whose content decides about building again. */
  readonly sources: readonly string[]
  /** Files copied as they are: path in the bundle → folder or file on disk. */
  readonly copies?: Readonly<Record<string, string>>
}

/** File in the bundle that says what it was built from; not served, because its name begins with a dot. */
const STAMP = '.built-from'

/** Builds unless the bundle there was built from the same sources. Returns whether it built. */
export async function bundleOnChange(plan: BundlePlan): Promise<boolean> {
  const digest = await digestOf(plan)
  if ((await stampOf(plan.target)) === digest) return false
  const beside = await folderBeside(plan.target)
  try {
    await bundle(plan, beside)
    await writeFile(join(beside, STAMP), digest)
    // Temporary folders are their owner's alone; the process that serves the bundle is another user.
    await chmod(beside, 0o755)
    await moveInto(plan.target, beside, digest)
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
  return true
}

/** A new folder on the same file system, from which a bundle can be moved in one step; ignored by git. */
async function folderBeside(target: string): Promise<string> {
  const parent = join(dirname(target), '.natsuin')
  await mkdir(parent, { recursive: true })
  return await mkdtemp(join(parent, 'bundle-'))
}

async function bundle({ pages, entries, copies = {} }: BundlePlan, outDir: string): Promise<void> {
  await build({
    root: pages,
    base: '/',
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    // Ours first, then what Vite resolves a browser build with.
    resolve: { conditions: ['natsuin-source', 'module', 'browser', 'production'] },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // Inlined assets would be data: URLs, which the content security policies of the pages do not allow.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // pdf.js is one large file by nature, and is loaded only when a document is shown.
      chunkSizeWarningLimit: 2000,
      rolldownOptions: { input: entries.map(entry => join(pages, entry)) },
    },
  })
  for (const [to, from] of Object.entries(copies)) await cp(from, join(outDir, to), { recursive: true })
}

async function digestOf(plan: BundlePlan): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([plan.entries, plan.copies]))
  for (const source of plan.sources) {
    for (const file of await filesOf(source)) hash.update(`\n${file}\n`).update(await readFile(file))
  }
  return hash.digest('hex')
}

async function filesOf(source: string): Promise<string[]> {
  if ((await stat(source)).isFile()) return [source]
  const entries = await readdir(source, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile() && !entry.name.includes('.test.'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

async function stampOf(target: string): Promise<string | undefined> {
  return await readFile(join(target, STAMP), 'utf8').catch(() => undefined)
}

/** Another build may have been quicker; its bundle stays if it was built from the same sources. */
async function moveInto(target: string, from: string, digest: string): Promise<void> {
  if ((await stampOf(target)) === digest) return
  await rm(target, { recursive: true, force: true })
  try {
    await rename(from, target)
  } catch (error) {
    if ((await stampOf(target)) !== digest) throw error
  }
}
