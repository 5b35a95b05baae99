/** What a token is, and how much of it there is. */
import type { Handle } from 'pkcs11js'
import { Lacking, type Probe } from './probe.ts'

const ENOUGH = 64

export const tokenProbes: readonly Probe[] = [
  {
    id: 'hardware',
    what: 'it is hardware, as its slot says',
    from: 2,
    async ask({ token }) {
      if (token.description.softwareModule) throw new Lacking('it is software')
      return undefined
    },
  },
  {
    id: 'sessions',
    what: 'it opens sessions beside the one that tries this',
    async ask({ token }) {
      const opened: Handle[] = []
      try {
        while (opened.length < ENOUGH) opened.push(token.openSession())
        return `${ENOUGH} or more`
      } catch (error) {
        if (opened.length === 0) throw error
        return String(opened.length)
      } finally {
        for (const session of opened) token.closeSession(session)
      }
    },
  },
]
