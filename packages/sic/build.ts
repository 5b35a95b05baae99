/** Builds the approval page's bundle into `dist/`, if its sources have changed: `node packages/sic/build.ts`. */
import { fileURLToPath } from 'node:url'
import { bundleOnChange } from '../../faces/bundle.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const PDFJS = '../../node_modules/pdfjs-dist'

/** Where the bundle is after a build. */
export const bundleFolder = at('dist')

/** Returns whether anything had to be built. Writes nothing to standard output. */
export async function buildBundle(): Promise<boolean> {
  return await bundleOnChange({
    pages: at('src/page'),
    entries: ['index.html', 'viewer.html', 'fetcher.html', 'provider.html'],
    target: bundleFolder,
    sources: [
      at('build.ts'),
      at('src/page'),
      at('../../faces'),
      ...['ades', 'pki', 'protocol'].map(name => at(`../${name}/src`)),
      at('../../package-lock.json'),
    ],
    copies: {
      'pdfjs/cmaps': at(`${PDFJS}/cmaps`),
      'pdfjs/standard_fonts': at(`${PDFJS}/standard_fonts`),
      'pdfjs/wasm/jbig2_nowasm_fallback.js': at(`${PDFJS}/wasm/jbig2_nowasm_fallback.js`),
      'pdfjs/wasm/openjpeg_nowasm_fallback.js': at(`${PDFJS}/wasm/openjpeg_nowasm_fallback.js`),
    },
  })
}

if (import.meta.main) await buildBundle()
