/** What a page put into a box beside an enrolment statement: `server`, which carried it, could not read it. */
import { digestSync } from '@natsuin/pki/node'
import type { Box } from '@natsuin/protocol/approval'
import { readStrictJson, type Shape } from '@natsuin/protocol/shape'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'

/** @throws Refusal `box-unreadable` @throws ShapeError */
export function openBox<T>(
  { boxKey }: Pick<Sam, 'boxKey'>,
  statement: Uint8Array,
  box: Box,
  shape: Shape<T>,
): T {
  const content = boxKey.open(box, digestSync('sha256', statement))
  if (content === undefined) throw refuse('box-unreadable')
  return readStrictJson(content, shape)
}
