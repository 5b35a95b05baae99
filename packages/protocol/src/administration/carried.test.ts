import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ShapeError } from '../shape/shape.ts'
import { invitedPerson, readCarried, writeCarried } from './carried.ts'

const invited = { deployment: 'Example', personId: 's-1', name: '山田 花子' }

describe('what people carry by hand', () => {
  it('is read as it was written, also with the line breaks of whatever it was copied from', () => {
    const code = writeCarried(invited)
    assert.deepEqual(readCarried(code, invitedPerson), invited)
    assert.deepEqual(readCarried(` ${code.slice(0, 20)}\n${code.slice(20)}\n`, invitedPerson), invited)
  })

  it('is refused when some of it is missing, or when it is something else', () => {
    const code = writeCarried(invited)
    for (const wrong of [
      code.slice(0, -1),
      code.slice(0, 10),
      '',
      'x',
      writeCarried({ ...invited, more: 1 }),
    ]) {
      assert.throws(() => readCarried(wrong, invitedPerson), ShapeError, wrong)
    }
  })
})
