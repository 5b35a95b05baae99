/**
 * Which SAM a request goes to, where there are several (sole-control 3).
 *
 * A ticket and a SAD can be spent only at the SAM that issued them. Tickets of one ceremony with several people come from
 * one SAM. Everything else any SAM answers, and may be asked again of another when one does not answer.
 */
import { peekJws, ticket } from '@natsuin/protocol/approval'
import type { SapMethod, SapRefusal, SapRequest } from '@natsuin/protocol/sap'
import { ShapeError } from '@natsuin/protocol/shape'

export interface Route {
  /** The instance whose ticket or SAD the request stands on; undefined when that cannot be read. */
  readonly owner?: string | undefined
  /** Of those that can answer, the first one in the configuration, and not each in its turn. */
  readonly prefersFirst?: true
  /** What a SAM says that does not have it in memory; another one may. */
  readonly unknownAs?: SapRefusal
  /** Each of them has to hear it; it is heard when one of them did. */
  readonly everywhere?: true
}

type Routes = { readonly [M in SapMethod]: (request: SapRequest<M>) => Route }

const anywhere = (): Route => ({})
const atOne = (): Route => ({ prefersFirst: true })
const whereItsTicketIs = ({ statement }: { readonly statement: Uint8Array }): Route => ({
  owner: issuerOf(statement),
})

const ROUTES: Routes = {
  info: anywhere,
  'algorithms/list': anywhere,
  checkpoints: anywhere,
  // A key for one session is in the memory of the SAM that made it: to all others its session has ended.
  'tickets/approve': () => ({ unknownAs: 'session-ended' }),
  'tickets/sent-code': () => ({ unknownAs: 'session-ended' }),
  'tickets/enrol': anywhere,
  'tickets/grant': atOne,
  'tickets/add-authenticator': anywhere,
  'tickets/remove-authenticator': anywhere,
  // What waits for approvals is in the memory of the SAM that it was proposed to.
  'tickets/administer': () => ({ unknownAs: 'request-unknown' }),
  'grants/submit': ({ approvals: [first] }) => (first === undefined ? {} : whereItsTicketIs(first)),
  enrol: whereItsTicketIs,
  approve: whereItsTicketIs,
  administer: whereItsTicketIs,
  'authenticators/list': anywhere,
  'authenticators/add': whereItsTicketIs,
  'authenticators/remove': whereItsTicketIs,
  'certificates/link': anywhere,
  // A SAD does not say where it is: `located-sads` knows.
  'sads/extend': anywhere,
  sign: anywhere,
  evidence: anywhere,
  // SADs are in the memory of the SAM that accepted them.
  'providers/log-out': () => ({ everywhere: true }),
  'credentials/revoke': anywhere,
  'keys/destroy': anywhere,
  'keys/import-key': anywhere,
}

export function routeOf<M extends SapMethod>(method: M, request: SapRequest<M>): Route {
  return ROUTES[method](request)
}

/** Whoever signed the ticket will say what is wrong with it. */
function issuerOf(statement: Uint8Array): string | undefined {
  try {
    const { ticket: jws } = Object(JSON.parse(Buffer.from(statement).toString('utf8')))
    return peekJws(String(jws), 'natsuin-ticket', ticket).instance
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ShapeError) return undefined
    throw error
  }
}
