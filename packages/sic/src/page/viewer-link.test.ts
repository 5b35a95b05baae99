import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dataPath } from './viewer-link.ts'

describe('what the document frame may fetch through the page', () => {
  it('is a character map or a font of the bundle', () => {
    assert.equal(dataPath('cMapUrl', 'UniJIS-UTF16-H.bcmap'), '/pdfjs/cmaps/UniJIS-UTF16-H.bcmap')
    assert.equal(
      dataPath('standardFontDataUrl', 'LiberationSans-Bold.ttf'),
      '/pdfjs/standard_fonts/LiberationSans-Bold.ttf',
    )
  })

  it('is nothing else', () => {
    const wanted = [
      ['cMapUrl', '../deployment.json'],
      ['cMapUrl', 'H.bcmap?secret=1'],
      ['cMapUrl', 'https://attacker.example/H.bcmap'],
      ['wasmUrl', 'openjpeg.wasm'],
      ['toString', 'H.bcmap'],
    ] as const
    for (const [kind, name] of wanted) assert.equal(dataPath(kind, name), undefined)
  })
})
