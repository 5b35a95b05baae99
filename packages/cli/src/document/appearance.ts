/** How a signature is shown, from the command line. */
import { readFile } from 'node:fs/promises'
import type { Rectangle, VisibleSignature } from '@natsuin/ades/pades'
import { reading, UsageError } from '../command.ts'

export const APPEARANCE_OPTIONS = {
  text: { type: 'string' },
  font: { type: 'string' },
  image: { type: 'string' },
  page: { type: 'string' },
  rectangle: { type: 'string' },
} as const

type Values = Readonly<Partial<Record<keyof typeof APPEARANCE_OPTIONS, string | undefined>>>

/** `undefined` when nothing is to be shown. @throws UsageError */
export async function appearanceOf(values: Values): Promise<VisibleSignature | undefined> {
  const { text, font, image, page, rectangle } = values
  const isShown = text !== undefined || image !== undefined
  if (!isShown && [font, page, rectangle].some(value => value !== undefined))
    throw new UsageError('--text or --image is needed for --font, --page and --rectangle.')
  if (!isShown) return undefined
  if (text !== undefined && font === undefined) throw new UsageError('--font is needed for --text.')
  return {
    text: text?.replaceAll('\\n', '\n'),
    font: await bytesIn(font),
    image: await bytesIn(image),
    page: page === undefined ? undefined : pageIn(page),
    rectangle: rectangle === undefined ? undefined : rectangleIn(rectangle),
  }
}

async function bytesIn(path: string | undefined): Promise<Uint8Array | undefined> {
  return path === undefined ? undefined : new Uint8Array(await reading(path, () => readFile(path)))
}

function pageIn(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError('--page is a number from 1 on.')
  return Number(text)
}

function rectangleIn(text: string): Rectangle {
  const [left, bottom, right, top] = RECTANGLE.test(text) ? text.split(',').map(Number) : []
  if (left === undefined || bottom === undefined || right === undefined || top === undefined)
    throw new UsageError('--rectangle is left,bottom,right,top in points.')
  return [left, bottom, right, top]
}

const RECTANGLE = /^-?\d+(?:\.\d+)?(?:,-?\d+(?:\.\d+)?){3}$/
