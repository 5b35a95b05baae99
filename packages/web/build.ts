/** Builds the pages' bundle into `dist/`, if its sources have changed: `node packages/web/build.ts`. */
import { fileURLToPath } from 'node:url'
import { bundleOnChange } from '../../faces/bundle.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Where the bundle is after a build. */
export const bundleFolder = at('dist')

/** Returns whether anything had to be built. Writes nothing to standard output. */
export async function buildBundle(): Promise<boolean> {
  return await bundleOnChange({
    pages: at('src'),
    entries: ['login.html', 'account.html', 'api.html', 'desk.html', 'callback.html'],
    target: bundleFolder,
    sources: [
      at('build.ts'),
      at('src'),
      at('../../faces'),
      ...['ades', 'client', 'evidence', 'pki', 'protocol'].map(name => at(`../${name}/src`)),
      at('../../package-lock.json'),
    ],
  })
}

if (import.meta.main) await buildBundle()
