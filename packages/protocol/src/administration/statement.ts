/** "I approve this request." Its ticket names the person, and the request by its digest. */
import { ticketText } from '../approval/index.ts'
import { oneOf, record, type Shaped } from '../shape/shape.ts'
import { administrativeRequest } from './request.ts'

export const administerStatement = record({
  v: oneOf(1),
  purpose: oneOf('administer'),
  ticket: ticketText,
  request: administrativeRequest,
})

export type AdministerStatement = Shaped<typeof administerStatement>
