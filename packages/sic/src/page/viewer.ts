/**
 * Shows one PDF inside a frame without origin and without network (sole-control 2), page by page as the reader
 * scrolls.
 *
 * pdf.js's worker code runs in the frame itself: an opaque origin cannot start workers from a file, and the
 * frame is a process of its own in browsers that isolate sites. WebAssembly is off, so that the frame's policy
 * needs no `wasm-unsafe-eval`; pdf.js then decodes JPEG 2000 and JBIG2 in JavaScript. Scripts in a document are
 * never run: pdf.js runs them only in a sandbox that is not part of this bundle.
 */
import { getDocument, type PDFDocumentProxy, TextLayer } from 'pdfjs-dist'
import 'pdfjs-dist/build/pdf.worker.mjs'
import type { Language, Sentence } from '../../../../faces/language.ts'
import { viewerMessages } from './messages.ts'
import type { FromViewer, ToViewer } from './viewer-link.ts'

const bar = element('bar')
const pages = element('pages')
// So that it can be scrolled by keyboard.
pages.tabIndex = 0
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3]
/** Canvases beyond this many pixels fail silently on some devices. */
const MAX_PIXELS = 16_000_000

let language: Language = 'en'
const say = <T>(sentence: Sentence<T>): T => sentence[language]

window.addEventListener('message', event => {
  if (event.source !== window.parent) return
  const message: ToViewer = event.data // only the approval page embeds this frame (frame-ancestors)
  if (message.natsuin === 'show') void show(message)
  else delivered(message.id, message.bytes)
})
tell({ natsuin: 'viewer-ready' })

async function show({ bytes, language: asked }: Extract<ToViewer, { natsuin: 'show' }>): Promise<void> {
  language = asked
  document.documentElement.lang = asked
  bar.textContent = say(viewerMessages.loading)
  try {
    const pdf = await getDocument({
      data: new Uint8Array(bytes),
      BinaryDataFactory: DataFromPage,
      // Only marks that the data exists; the factory above fetches it.
      cMapUrl: '/pdfjs/cmaps/',
      standardFontDataUrl: '/pdfjs/standard_fonts/',
      wasmUrl: '/pdfjs/wasm/',
      useWorkerFetch: false,
      useWasm: false,
    }).promise
    await layOut(pdf)
    tell({ natsuin: 'shown', pages: pdf.numPages })
  } catch (error) {
    console.warn(error)
    bar.textContent = say(viewerMessages.unreadable)
    tell({ natsuin: 'not-shown' })
  }
}

async function layOut(pdf: PDFDocumentProxy): Promise<void> {
  const first = (await pdf.getPage(1)).getViewport({ scale: 1 })
  let zoom = ZOOMS.indexOf(1)
  const sheets = Array.from({ length: pdf.numPages }, (_, index) => sheet(index + 1, pdf.numPages))
  pages.replaceChildren(...sheets)
  const redraw = drawWhenVisible(pdf, sheets, first, () => ZOOMS[zoom] ?? 1)
  const step = (by: number) => () => {
    zoom = Math.min(ZOOMS.length - 1, Math.max(0, zoom + by))
    redraw()
  }
  bar.replaceChildren(
    counter(sheets),
    button('−', say(viewerMessages.smaller), step(-1)),
    button('+', say(viewerMessages.larger), step(1)),
  )
  let width = pages.clientWidth
  new ResizeObserver(() => {
    if (pages.clientWidth !== width) redraw()
    width = pages.clientWidth
  }).observe(pages)
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Gives every sheet its size at once and draws those that come into view. Returns how to do so again. */
function drawWhenVisible(
  pdf: PDFDocumentProxy,
  sheets: readonly HTMLElement[],
  typical: Size,
  zoom: () => number,
) {
  const observer = new IntersectionObserver(
    entries => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || !(target instanceof HTMLElement)) continue
        observer.unobserve(target)
        void draw(pdf, target, zoom())
      }
    },
    { root: pages, rootMargin: '400px' },
  )
  const redraw = () => {
    for (const one of sheets) {
      one.replaceChildren()
      resize(one, typical, availableWidth() * zoom())
      observer.unobserve(one)
      observer.observe(one)
    }
  }
  redraw()
  return redraw
}

async function draw(pdf: PDFDocumentProxy, onto: HTMLElement, zoom: number): Promise<void> {
  const page = await pdf.getPage(Number(onto.dataset['page']))
  const natural = page.getViewport({ scale: 1 })
  const scale = (availableWidth() * zoom) / natural.width
  const viewport = page.getViewport({ scale })
  resize(onto, natural, viewport.width)
  const density = Math.min(devicePixelRatio, Math.sqrt(MAX_PIXELS / (viewport.width * viewport.height)))
  const canvas = document.createElement('canvas')
  canvas.width = Math.floor(viewport.width * density)
  canvas.height = Math.floor(viewport.height * density)
  const text = document.createElement('div')
  text.className = 'textLayer'
  onto.style.setProperty('--total-scale-factor', String(scale))
  onto.replaceChildren(canvas, text)
  const transform = [density, 0, 0, density, 0, 0]
  await page.render({ canvas, viewport, transform }).promise
  await new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render()
}

function availableWidth(): number {
  const { paddingLeft, paddingRight } = getComputedStyle(pages)
  return pages.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
}

function resize(sheetElement: HTMLElement, { width, height }: Size, toWidth: number): void {
  sheetElement.style.width = `${toWidth}px`
  sheetElement.style.height = `${(toWidth * height) / width}px`
}

function sheet(page: number, of: number): HTMLElement {
  const section = document.createElement('section')
  section.className = 'page'
  section.dataset['page'] = String(page)
  section.setAttribute('aria-label', say(viewerMessages.page)({ page, of }))
  return section
}

/** Which page the reader is on. */
function counter(sheets: readonly HTMLElement[]): HTMLElement {
  const output = document.createElement('output')
  const count = () => {
    const middle = pages.scrollTop + pages.clientHeight / 2 + pages.offsetTop
    const below = sheets.findIndex(one => one.offsetTop > middle)
    const page = below === -1 ? sheets.length : Math.max(1, below)
    output.textContent = say(viewerMessages.page)({ page, of: sheets.length })
  }
  pages.addEventListener('scroll', count, { passive: true })
  count()
  return output
}

function button(sign: string, label: string, onClick: () => void): HTMLElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.textContent = sign
  made.setAttribute('aria-label', label)
  made.addEventListener('click', onClick)
  return made
}

const wanted = new Map<number, (bytes: ArrayBuffer | undefined) => void>()

function delivered(id: number, bytes: ArrayBuffer | undefined): void {
  wanted.get(id)?.(bytes)
  wanted.delete(id)
}

/** pdf.js asks this for its data; the page fetches it, because the frame has no network. */
class DataFromPage {
  async fetch({ kind, filename: name }: { kind: string; filename: string }): Promise<Uint8Array> {
    const id = DataFromPage.#asked++
    const bytes = await new Promise<ArrayBuffer | undefined>(resolve => {
      wanted.set(id, resolve)
      tell({ natsuin: 'want', id, kind, name })
    })
    if (bytes === undefined) throw new Error(`the bundle has no ${name}`)
    return new Uint8Array(bytes)
  }

  static #asked = 0
}

function tell(message: FromViewer): void {
  // The frame has no origin of its own and may not know its parent's; nothing in the message is secret.
  window.parent.postMessage(message, '*')
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`viewer.html lacks #${id}`)
  return found
}
