/** The two bundles that browsers load, built when their sources changed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Each in a process of its own: the bundler belongs to the packages that have pages. */
export async function buildBundles(): Promise<void> {
  await Promise.all(['sic', 'web'].map(build))
}

async function build(name: string): Promise<void> {
  const script = fileURLToPath(new URL(`../../../${name}/build.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=natsuin-source', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the pages of ${name} could not be built`)
}
