/**
 * What the approval page and the frame that shows a document say to each other.
 *
 * The frame parses what strangers wrote, so it runs without an origin and without a network; everything that it
 * says is treated as said by the document. It can ask for pdf.js's own data (character maps and substitute
 * fonts) by name, and for nothing else.
 */
import type { Language } from '../../../../faces/language.ts'

/** Page → frame. */
export type ToViewer =
  | { readonly natsuin: 'show'; readonly bytes: ArrayBuffer; readonly language: Language }
  | { readonly natsuin: 'data'; readonly id: number; readonly bytes: ArrayBuffer | undefined }

/** Frame → page. */
export type FromViewer =
  | { readonly natsuin: 'viewer-ready' }
  | { readonly natsuin: 'shown'; readonly pages: number }
  | { readonly natsuin: 'not-shown' }
  | { readonly natsuin: 'want'; readonly id: number; readonly kind: string; readonly name: string }

/** pdf.js's kinds of data → folder of the bundle and the form of a name in it. */
const DATA: Readonly<Record<string, { readonly folder: string; readonly name: RegExp }>> = {
  cMapUrl: { folder: 'cmaps', name: /^[A-Za-z0-9-]{1,40}\.bcmap$/ },
  standardFontDataUrl: { folder: 'standard_fonts', name: /^[A-Za-z-]{1,40}\.(?:pfb|ttf)$/ },
}

/** Where the bundle has this data; `undefined` when it is nothing that a viewer may want. */
export function dataPath(kind: string, name: string): string | undefined {
  const place = Object.hasOwn(DATA, kind) ? DATA[kind] : undefined
  return place?.name.test(name) ? `/pdfjs/${place.folder}/${name}` : undefined
}
