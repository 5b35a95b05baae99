/** The documents that the page holds: handed over by the application's window, or put there by the signer. */
import { browserPlatform } from '@natsuin/pki/browser'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { matchDocument, type SeenDocuments } from './approval.ts'
import { receiveDocuments } from './handover.ts'
import type { Approval } from './open-approval.ts'
import { asProblem, type Problem } from './problem.ts'

export interface Documents {
  readonly seen: SeenDocuments
  /** What was wrong with the document that came last. */
  readonly problem: Problem | undefined
  readonly take: (documents: readonly Uint8Array<ArrayBuffer>[]) => Promise<void>
}

export function useDocuments({ items, asked }: Approval): Documents {
  const [seen, setSeen] = useState<SeenDocuments>(new Map())
  const [problem, setProblem] = useState<Problem>()
  const take = useCallback(
    async (documents: readonly Uint8Array<ArrayBuffer>[]) => {
      setProblem(undefined)
      for (const bytes of documents) {
        try {
          const indexes = await matchDocument(bytes, items, asked.digestAlgorithm, browserPlatform)
          setSeen(before => new Map([...before, ...indexes.map(index => [index, bytes] as const)]))
        } catch (error) {
          console.warn(error)
          setProblem(asProblem(error))
        }
      }
    },
    [items, asked],
  )
  useEffect(() => receiveDocuments(documents => void take(documents)), [take])
  return { seen, problem, take }
}
