/** Puts markup into a document without touching anything else of it. */
import type { XmlElement } from '../xml/node.ts'
import type { Markup } from './markup.ts'

export interface Place {
  readonly before: string
  readonly after: string
}

/** The text around what becomes the last child of the element; an empty-element tag is opened for it. */
export function placeInside(text: string, { position, prefix, localName }: XmlElement): Place {
  const { contentStart, contentEnd, end } = position
  if (!text.startsWith('/>', contentStart - 2) || contentEnd !== end)
    return { before: text.slice(0, contentEnd), after: text.slice(contentEnd) }
  const name = prefix === '' ? localName : `${prefix}:${localName}`
  return { before: `${text.slice(0, end - 2)}>`, after: `</${name}>${text.slice(end)}` }
}

/** The document with the markup as the last child of the element. */
export function withChild(text: string, parent: XmlElement, markup: Markup): string {
  const { before, after } = placeInside(text, parent)
  return `${before}${markup}${after}`
}
